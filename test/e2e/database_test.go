package e2e

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"navette/internal/testkit/cut"
	"navette/internal/testkit/pg"
)

// fewAgents are enough where nothing depends on how many there are.
const fewAgents = 40

// Invariant 1: the database server dies under load and comes back, while Navette stays up.
func TestPostgreSQLKilledUnderLoadLosesNothing(t *testing.T) {
	t.Parallel()
	server := pg.StartOwn(t)
	d := ownDemo(t, options{agents: fewAgents, database: server.NewDatabase(t)})
	crowd := crowdOf(d)
	rounds := 2
	if long() {
		rounds = 10
	}
	for round := range rounds {
		l := startLoad(t, d, crowd, fmt.Sprintf("pg%d", round))
		l.awaitAcknowledged(t, 60)
		if err := server.Kill(); err != nil {
			t.Fatal(err)
		}
		// Whoever comes now is told so, or loses the connection.
		await(t, "a failure that the load sees", func() bool {
			all := readLedger(t, l.ledger)
			return tally(all, refusedNow, "")+tally(all, lost, "") > 0
		})
		if err := server.Restart(); err != nil {
			t.Fatal(err)
		}
		l.awaitAcknowledged(t, l.acknowledged(t)+60)
		l.stop(t)
		if isClosed(d.ended) {
			t.Fatalf("Navette ended with its database: %v\n%s", d.err, tail(d.stderr.String()))
		}
		noFinalRefusals(t, l)
		audit(t, d, crowd)
	}
	verified(t, d.dir)
}

// Invariant 1: the connection to the database breaks when a COMMIT is under way, and nobody says how it ended.
func TestConnectionsCutAtCommitLoseNothing(t *testing.T) {
	t.Parallel()
	direct := pg.Start(t).NewDatabase(t)
	proxy, through := cut.Start(t, direct)
	d := ownDemo(t, options{agents: fewAgents, database: through})
	crowd := crowdOf(d)
	crowd.database = direct
	cuts := int64(15)
	if long() {
		cuts = 150
	}
	for name, moment := range map[string]cut.Moment{"before": cut.Before, "during": cut.During, "after": cut.After} {
		l := startLoad(t, d, crowd, "cut-"+name)
		l.awaitAcknowledged(t, 20)
		before := proxy.Cuts()
		proxy.Cut(moment, cuts)
		await(t, "the cuts "+name+" the COMMIT", func() bool { return proxy.Cuts() >= before+cuts })
		l.awaitAcknowledged(t, l.acknowledged(t)+40)
		l.stop(t)
		noFinalRefusals(t, l)
		t.Logf("%d connections were cut %s the server had the COMMIT", cuts, name)
		audit(t, d, crowd)
	}
	verified(t, d.dir)
}

// noFinalRefusals holds that trouble with the database is never told to a sender as being for ever.
func noFinalRefusals(t *testing.T, l *load) {
	t.Helper()
	all := readLedger(t, l.ledger)
	if i := slices.IndexFunc(all, func(e entry) bool { return e.Final }); i >= 0 {
		t.Errorf("%s was refused for ever: %s", all[i].ID, all[i].Text)
	}
	texts := map[string]int{}
	for _, e := range all {
		if e.Event == refusedNow {
			first, _, _ := strings.Cut(e.Text, "\n") // LMTP answers for each recipient
			texts[e.Kind+": "+first]++
		}
	}
	t.Logf("refusals: %v", texts)
}
