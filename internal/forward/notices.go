package forward

import (
	"fmt"

	"navette/internal/directory"
	"navette/internal/notice"
)

// told is what a holder is told. It names no address outside: notices are read on screens that others see.
type told struct{ subject, french, english string }

func (t told) notice() notice.Notice {
	return notice.Notice{Subject: t.subject, Body: "Bonjour,\n\n" + t.french + "\n\n-- \n" + t.english + "\n"}
}

func startedInside(target string) told {
	return told{"Transfert de votre courrier",
		fmt.Sprintf("Votre courrier est désormais copié à %s. Une copie reste toujours dans votre boîte.\n\n"+
			"Si vous n'avez rien demandé, changez votre mot de passe et prévenez l'assistance.", target),
		fmt.Sprintf("Your mail is now copied to %s; a copy always stays in your mailbox. If this is not your doing, change your\n"+
			"password and tell the help desk.", target)}
}

// kept is said of every forward outside.
const kept = "Une copie reste toujours dans votre boîte. Les messages des familles de vos élèves ne sont pas transférés : ils\n" +
	"vous attendent dans votre boîte de l'académie."

func startedOutside(f Forward) told {
	return told{"Transfert de votre courrier hors de l'académie",
		fmt.Sprintf("Votre courrier est copié hors de l'académie, par exception, jusqu'au %s. %s\n\n"+
			"Si vous n'avez rien demandé, prévenez l'assistance.", f.Until.French(), kept),
		fmt.Sprintf("Your mail is copied outside the académie, as an exception, until %s. Families' messages are not: they wait\n"+
			"in your mailbox. If this is not your doing, tell the help desk.", f.Until)}
}

func takenOver(f Forward) told {
	return told{"Votre transfert hors de l'académie prendra fin",
		fmt.Sprintf("L'ancienne messagerie transférait votre courrier hors de l'académie. Ce transfert n'est plus permis : il continue\n"+
			"jusqu'au %s, puis s'arrêtera. %s\n\n"+
			"D'ici là, prenez l'habitude de lire votre boîte de l'académie : dans le navigateur, sur le téléphone ou dans le\n"+
			"logiciel de votre choix. Vous pouvez aussi transférer votre courrier à une autre adresse de l'académie.", f.Until.French(), kept),
		fmt.Sprintf("The former system forwarded your mail outside the académie. This is not allowed any more: it goes on until %s\n"+
			"and then ends. Families' messages already stay in your mailbox.", f.Until)}
}

func ending(until directory.Date, days int) told {
	when := fmt.Sprintf("dans %d jours, le %s", days, until.French())
	english := fmt.Sprintf("in %d days, on %s", days, until)
	switch days {
	case 0:
		when, english = "ce soir, "+until.French(), "tonight, "+until.String()
	case 1:
		when, english = "demain, le "+until.French(), "tomorrow, on "+until.String()
	}
	return told{"Votre transfert hors de l'académie prend fin " + when,
		"Le transfert de votre courrier hors de l'académie prend fin " + when + ". Ensuite, votre courrier restera dans votre\n" +
			"boîte de l'académie.\n\nSi votre service exige un transfert, votre chef de service peut demander une exception à l'assistance.",
		"Forwarding of your mail outside the académie ends " + english + ". Your mail will then stay in your mailbox."}
}

func ended() told {
	return told{"Votre transfert hors de l'académie a pris fin",
		"Votre courrier n'est plus transféré hors de l'académie. Il arrive dans votre boîte de l'académie, et y reste.",
		"Your mail is not forwarded outside the académie any more. It arrives in your mailbox, and stays there."}
}

func staysHere() told {
	return told{"Un message n'a pas été transféré",
		"Un message qui porte l'adresse d'une famille ou d'un élève vient d'arriver. Il n'est pas transféré hors de l'académie :\n" +
			"lisez-le dans votre boîte. Il en sera ainsi de tous ces messages ; vous n'en serez plus averti.",
		"A message that bears the address of a family or a pupil has arrived. It is not forwarded outside the académie: read it\n" +
			"in your mailbox. So it will be with all such messages; you will not be told again."}
}
