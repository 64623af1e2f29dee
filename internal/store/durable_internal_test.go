package store

import (
	"testing"

	"navette/internal/failure"
)

func TestSettingsThatLoseAcknowledgedMailAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		settings        pgSettings
		anyway, durable bool // refused to whoever opens, to who requires durability
	}{
		{pgSettings{"on", "on"}, false, false},
		{pgSettings{"local", "on"}, false, false},
		{pgSettings{"remote_apply", "on"}, false, false},
		{pgSettings{"on", "off"}, false, true},
		{pgSettings{"off", "on"}, true, true},
		{pgSettings{"off", "off"}, true, true},
	} {
		if err := c.settings.refuse(false); failure.Is(err, failure.Permanent) != c.anyway {
			t.Errorf("%+v, opened by anybody: %v", c.settings, err)
		}
		if err := c.settings.refuse(true); failure.Is(err, failure.Permanent) != c.durable {
			t.Errorf("%+v, opened by a server: %v", c.settings, err)
		}
	}
}
