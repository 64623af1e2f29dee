package mail

// hasAttachment reports whether a part, or one inside it, is to be offered for download. parent is the subtype of the
// multipart around it.
func hasAttachment(p *Part, parent string) bool {
	if p.IsMultipart() {
		for _, child := range p.Children {
			if hasAttachment(child, p.Subtype) {
				return true
			}
		}
		return false
	}
	switch {
	case parent == "report": // the returned message and its status belong to the report
		return p.Disposition == "attachment" && !p.isEmbedded() && !p.isReport()
	case p.isSignature():
		return false
	case p.Disposition == "attachment":
		return true
	case p.Type == "text":
		return p.Filename() != ""
	case parent == "related" && p.ID != "":
		return false
	}
	return true
}

// isSignature tells the parts of signed and encrypted mail that a mail program handles by itself.
func (p *Part) isSignature() bool {
	if p.Type != "application" {
		return false
	}
	switch p.Subtype {
	case "pgp-signature", "pgp-encrypted", "pkcs7-signature", "x-pkcs7-signature", "pkcs7-mime", "x-pkcs7-mime":
		return true
	}
	return false
}
