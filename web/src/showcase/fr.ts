/** The texts of the page that shows the components, in French. */
export const fr = {
  title: 'Composants',
  lead: 'Chaque composant des pages, écrit une fois et montré ici. Cette page n’existe que dans la démonstration.',
  buttons: {
    title: 'Boutons', primary: 'Principal', secondary: 'Secondaire', danger: 'Révoquer', plain: 'Discret', busy: 'En cours…',
    toast: 'Montrer un message', told: 'Message enregistré.',
  },
  fields: {
    title: 'Champs', name: 'Nom de l’appareil', nameHint: 'Par exemple : Mon téléphone', secret: 'Mot de passe',
    secretHint: '12 caractères au minimum ; une phrase convient.', code: 'Code à six chiffres', submit: 'Vérifier',
    wrongCode: 'Ce code ne convient pas. Attendez le suivant.', needName: 'Donnez un nom à l’appareil.',
  },
  choices: {
    title: 'Choix', legend: 'Second facteur', passkey: 'Clé d’accès (recommandé)',
    passkeyHint: 'Le doigt, le visage ou le code de cet appareil', totp: 'Application d’authentification', later: 'Plus tard',
    kept: 'J’ai conservé mes codes',
  },
  combobox: { title: 'Liste à compléter', label: 'Discipline', hint: 'Tapez les premières lettres.' },
  subjects: ['Allemand', 'Anglais', 'Arts plastiques', 'Éducation musicale', 'Éducation physique et sportive', 'Espagnol', 'Français',
    'Histoire-géographie', 'Mathématiques', 'Physique-chimie', 'Sciences de la vie et de la Terre', 'Technologie'],
  alerts: { title: 'Messages', info: 'Le NUMEN ne sert qu’une fois.', success: 'Mot de passe changé.', warning: 'Il reste deux codes de secours.', error: 'Le code est périmé.' },
  menu: { title: 'Menu', label: 'Appareil', rename: 'Renommer', revoke: 'Révoquer', done: (what: string) => `${what} : fait.` },
  dialog: { title: 'Fenêtre', open: 'Révoquer l’appareil', question: 'Révoquer « Mon téléphone » ?', text: 'Il ne recevra plus de courrier.' },
  table: {
    title: 'Tableau', caption: 'Connexions', device: 'Appareil', place: 'Lieu', last: 'Dernier usage', empty: 'Aucune connexion.',
    rows: [['Firefox sur Linux', 'Paris', 'aujourd’hui'], ['Téléphone', 'Créteil', 'hier']],
  },
  tabs: { title: 'Onglets', label: 'Sécurité', password: 'Mot de passe', factors: 'Seconds facteurs', devices: 'Appareils', panel: (name: string) => `Contenu : ${name}` },
  fold: { title: 'Dépliant', summary: 'Où trouver mon NUMEN ?', text: 'Votre établissement vous l’a remis.' },
};

export type ShowcaseWords = typeof fr;
