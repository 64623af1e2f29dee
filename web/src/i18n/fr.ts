import { plural } from './plural.ts';

/** Every text of the portal, in French. English has the same shape (en.ts), which the compiler checks. */
export const fr = {
  app: 'Navette',
  loading: 'Chargement…',
  skip: 'Aller au contenu',
  nav: {
    label: 'Navigation principale',
    footer: 'Informations',
    home: 'Accueil',
    security: 'Sécurité',
    signIn: 'Se connecter',
    signOut: 'Se déconnecter',
    otherLanguage: 'English',
    help: 'Aide',
    phone: 'Téléphone et remise en main propre',
    accessibility: 'Accessibilité : non audité',
    legal: 'Mentions légales',
    guardians: 'Droits des responsables',
  },
  missing: { title: 'Page introuvable', text: 'Cette page n’existe pas, ou plus.', back: 'Revenir à l’accueil' },
  alert: { info: 'Information :', success: 'Réussite :', warning: 'Attention :', error: 'Erreur :' },
  field: {
    showShort: 'Afficher',
    hideShort: 'Masquer',
    show: (label: string) => `Afficher en clair : ${label}`,
  },
  combobox: { found: (n: number) => plural('fr', n, '# proposition', '# propositions') },
  toast: { dismiss: 'Fermer ce message' },
  steps: (at: number, of: number) => `Étape ${at} sur ${of}`,
  actions: {
    continue: 'Continuer',
    back: 'Retour',
    cancel: 'Annuler',
    close: 'Fermer',
    confirm: 'Confirmer',
    copy: 'Copier',
    download: 'Télécharger',
    print: 'Imprimer',
    retry: 'Réessayer',
    wait: 'Patientez…',
  },
  errors: {
    prefix: 'Erreur :',
    summary: (n: number) => plural('fr', n, '# erreur est à corriger', '# erreurs sont à corriger'),
    required: (label: string) => `Renseignez le champ « ${label} ».`,
    offline: 'Le serveur ne répond pas. Vérifiez la connexion, puis réessayez.',
    temporary: 'Le service est momentanément indisponible. Réessayez dans quelques instants.',
    tooMany: (seconds: number) => plural('fr', seconds, 'Trop d’essais. Réessayez dans # seconde.', 'Trop d’essais. Réessayez dans # secondes.'),
    internal: 'Une erreur est survenue. Réessayez ; si elle persiste, appelez l’assistance.',
    expired: 'Votre connexion a pris fin. Connectez-vous de nouveau.',
  },
};

/** The shape of the texts; English has it too. */
export type Words = typeof fr;
