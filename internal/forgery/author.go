package forgery

// Author is the field that names, in the copy that a functional box keeps, which member wrote in its name. It begins as
// all fields that Navette alone may write, so no mail that comes in or is submitted has it. It is true in the prefix of a
// message; in its content, which IMAP's APPEND takes as it is, it proves nothing.
const Author = "X-Navette-Auteur"
