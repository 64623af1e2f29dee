package imapd

import (
	"cmp"
	"errors"
	"syscall"
)

// withDefaults fills in the fields that were left out.
func (l Limits) withDefaults() Limits {
	d := DefaultLimits()
	return Limits{
		Message:       cmp.Or(l.Message, d.Message),
		Connections:   cmp.Or(l.Connections, d.Connections),
		PerAccount:    cmp.Or(l.PerAccount, d.PerAccount),
		PerNetwork:    cmp.Or(l.PerNetwork, d.PerNetwork),
		FailedLogins:  cmp.Or(l.FailedLogins, d.FailedLogins),
		BadCommands:   cmp.Or(l.BadCommands, d.BadCommands),
		EarlyCommands: cmp.Or(l.EarlyCommands, d.EarlyCommands),
		LoginTime:     cmp.Or(l.LoginTime, d.LoginTime),
		IdleTime:      cmp.Or(l.IdleTime, d.IdleTime),
		CommandTime:   cmp.Or(l.CommandTime, d.CommandTime),
		WriteTime:     cmp.Or(l.WriteTime, d.WriteTime),
		SettleTime:    cmp.Or(l.SettleTime, d.SettleTime),
		FailureDelay:  cmp.Or(l.FailureDelay, d.FailureDelay),
		MultiAppend:   cmp.Or(l.MultiAppend, d.MultiAppend),
		SearchScan:    cmp.Or(l.SearchScan, d.SearchScan),
		PendingHeader: cmp.Or(l.PendingHeader, d.PendingHeader),
	}
}

// isExhausted tells whether accept failed for want of something that may come back.
func isExhausted(err error) bool {
	return errors.Is(err, syscall.EMFILE) || errors.Is(err, syscall.ENFILE) || errors.Is(err, syscall.ENOBUFS) ||
		errors.Is(err, syscall.ENOMEM) || errors.Is(err, syscall.ECONNABORTED)
}
