import type { InfoTexts } from './types.ts';

/** The pages that anybody may read, in French. {phone}, {hours}… are the académie's own (see About). */
export const fr: InfoTexts = {
  help: {
    title: 'Aide',
    lead: 'Les réponses aux questions posées le plus souvent. Cette page se lit aussi sans être connecté.',
    sections: [
      {
        title: 'Quelle est mon adresse ?',
        text: [
          'Chaque agent reçoit une adresse dès sa nomination, de la forme prénom.nom@{domain}. Un chiffre suit le nom quand une autre personne porte le même. Votre adresse est affichée sur la page d’accueil, une fois connecté.',
          'Elle ne sera jamais donnée à quelqu’un d’autre, même après votre départ. Si votre nom d’usage change, une nouvelle adresse est créée et l’ancienne continue de recevoir.',
        ],
      },
      {
        title: 'Quel est mon identifiant ?',
        text: [
          'La première lettre de votre prénom suivie de votre nom, sans accent ni espace : Claire Martin a pour identifiant « cmartin », avec un chiffre en cas d’homonyme. Votre adresse complète convient aussi.',
        ],
      },
      {
        title: 'Où trouver mon NUMEN ?',
        text: [
          'Le NUMEN compte 13 caractères. Il vous a été remis par votre établissement ou par le service des personnels, en main propre ou sur papier. Il ne figure dans aucun message et personne ne vous le demandera par courriel ou par téléphone.',
          'Il sert une seule fois, à activer le compte. Ce n’est pas un mot de passe. Après 30 jours sans activation, il n’ouvre plus : votre chef d’établissement vous remet alors une feuille à usage unique.',
        ],
        link: { to: '/activation', text: 'Activer mon compte' },
      },
      {
        title: 'Je n’ai pas de NUMEN',
        text: [
          'C’est le cas des assistants d’éducation et des personnels des collectivités. Votre chef d’établissement vous remet en main propre une feuille à usage unique qui tient lieu de NUMEN.',
        ],
        link: { to: '/telephone', text: 'La remise en main propre' },
      },
      {
        title: 'J’ai oublié mon mot de passe',
        text: [
          'Une clé d’accès, un code de secours ou votre adresse personnelle de secours permettent d’en choisir un nouveau. Si vous n’avez aucun des trois, l’assistance vérifie votre identité et vous remet de quoi recommencer. Elle ne voit jamais votre mot de passe.',
        ],
        link: { to: '/mot-de-passe-oublie', text: 'Choisir un nouveau mot de passe' },
      },
      {
        title: 'Comment lire mon courrier dans un autre logiciel ?',
        text: [
          'Dans « Sécurité », « Appareils », créez un mot de passe d’application pour chaque téléphone ou ordinateur. Il ne sert qu’au courrier et se révoque seul. Serveur de réception : IMAP, port 993, TLS. Serveur d’envoi : SMTP, port 465, TLS.',
        ],
      },
      {
        title: 'À, Cc ou Cci ?',
        text: ['À : les personnes dont vous attendez une action. Cc : celles que vous informez, dont l’adresse est visible de tous. Cci : celles dont l’adresse reste masquée.'],
        list: [
          'À une collègue pour qu’elle réponde : À.',
          'À votre chef d’établissement pour information : Cc.',
          'Aux parents d’une classe : toujours Cci.',
        ],
      },
    ],
  },
  phone: {
    title: 'Par téléphone ou en main propre',
    lead: 'Quand les pages ne suffisent pas, une personne vous aide, après avoir vérifié qui vous êtes.',
    sections: [
      {
        title: 'Appeler l’assistance',
        text: ['Téléphone : {phone}. {hours}.'],
        list: [
          'L’assistance vous rappelle au numéro que les ressources humaines connaissent, ou vous pose deux questions sur votre situation administrative.',
          'Elle vous remet un lien à usage unique. Elle ne connaît jamais votre mot de passe et ne vous le demande jamais.',
          'Chaque intervention est inscrite dans un journal que vous pouvez lire dans « Sécurité ».',
        ],
      },
      {
        title: 'Recevoir une feuille en main propre',
        text: ['Sans NUMEN, ou quand il n’ouvre plus, votre chef d’établissement imprime une feuille à votre nom et vous la remet en main propre.'],
        list: [
          'Présentez une pièce d’identité.',
          'La feuille porte votre identifiant et un code à usage unique, valable peu de temps.',
          'Saisissez ce code sur la page « Activer mon compte », à la place du NUMEN.',
          'Détruisez la feuille après usage.',
        ],
        link: { to: '/activation', text: 'Activer mon compte' },
      },
      {
        title: 'Sans téléphone ni ordinateur personnel',
        text: ['Toutes les démarches se font depuis n’importe quel poste de l’établissement. Une clé d’accès n’est pas obligatoire : une application d’authentification ou des codes imprimés conviennent.'],
      },
    ],
  },
  accessibility: {
    title: 'Déclaration d’accessibilité : non audité',
    lead: '{name} s’engage à rendre ses services numériques accessibles, conformément à l’article 47 de la loi n° 2005-102 du 11 février 2005.',
    sections: [
      {
        title: 'État de conformité',
        text: [
          'Les pages de la messagerie n’ont pas encore été auditées par une personne qualifiée selon le référentiel général d’amélioration de l’accessibilité (RGAA 4.1). Elles sont donc déclarées « non audité » : aucun taux de conformité ne peut être annoncé.',
          'Des contrôles automatiques accompagnent chaque version : clavier seul, agrandissement à 400 %, contrastes, couleurs forcées, lecture par les aides techniques. Ils ne remplacent pas un audit.',
        ],
      },
      {
        title: 'Contenus non accessibles',
        text: ['Faute d’audit, aucune liste n’est établie. Les difficultés qui nous sont signalées seront inscrites ici.'],
      },
      {
        title: 'Signaler une difficulté',
        text: ['Écrivez à {helpdesk} ou appelez le {phone} ({hours}). Une réponse vous est apportée, avec une solution de rechange si la page ne peut pas être corrigée aussitôt.'],
      },
      {
        title: 'Voies de recours',
        text: ['Si vous avez signalé un défaut d’accessibilité qui vous empêche d’utiliser le service et que la réponse ne vous satisfait pas :'],
        list: [
          'écrivez au Défenseur des droits, par son formulaire en ligne ;',
          'contactez son délégué dans votre région ;',
          'écrivez, sans affranchir : Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07.',
        ],
      },
    ],
  },
  legal: {
    title: 'Mentions légales',
    lead: 'Qui publie ces pages, qui les héberge et ce qui est fait des données.',
    sections: [
      { title: 'Éditeur', text: ['{publisher}. Assistance : {helpdesk}, {phone}.'] },
      { title: 'Hébergement', text: ['{host}.'] },
      {
        title: 'Données personnelles',
        text: [
          'La messagerie traite les données nécessaires à la mission de service public de l’académie : identité et fonctions transmises par les ressources humaines, messages, traces de connexion. Les traces ne comportent ni adresse ni contenu dans les journaux techniques.',
          'Vous disposez d’un droit d’accès, de rectification, de limitation et d’opposition auprès du délégué à la protection des données : {dpo}. Vous pouvez saisir la CNIL.',
        ],
      },
      {
        title: 'Témoins de connexion (cookies)',
        text: ['Un seul témoin est déposé, quand vous vous connectez ; il est nécessaire au service et disparaît à la déconnexion. Aucune mesure d’audience, aucun traceur.'],
      },
    ],
  },
  guardians: {
    title: 'Droits des responsables légaux',
    lead: 'Vous êtes parent ou responsable d’un élève : voici comment votre adresse est protégée.',
    sections: [
      {
        title: 'Votre adresse n’est montrée à personne',
        text: ['Les établissements vous écrivent sans jamais communiquer votre adresse aux autres familles. Un envoi qui la rendrait visible est bloqué avant de partir.'],
      },
      {
        title: 'Ce qui est conservé',
        text: ['Les adresses que vous avez données à l’établissement, l’élève et la classe auxquels elles se rapportent. Elles viennent du dossier scolaire et sont corrigées par le secrétariat de l’établissement.'],
      },
      {
        title: 'Vos droits',
        list: [
          'savoir ce qui est conservé à votre sujet et pourquoi ;',
          'faire corriger une adresse, ou en donner une autre ;',
          'retirer l’accord que vous auriez donné pour qu’elle soit visible dans un cadre précis, une association par exemple ;',
          'vous opposer aux messages qui ne sont pas nécessaires à la scolarité.',
        ],
        text: ['Vous pouvez à tout moment :'],
        link: { to: '/mes-donnees', text: 'Voir ce qui est conservé sur vous' },
      },
      {
        title: 'À qui vous adresser',
        text: ['Au secrétariat de l’établissement, ou au délégué à la protection des données de l’académie : {dpo}. Vous pouvez saisir la CNIL. Aucun compte n’est nécessaire.'],
      },
    ],
  },
};
