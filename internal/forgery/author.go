package forgery

// Author is the field that names, in the copy that a functional box keeps, which member wrote in its name. It begins as
// all fields that Navette alone may write, so no door lets it in.
const Author = "X-Navette-Auteur"
