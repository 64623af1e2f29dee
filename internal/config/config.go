// Package config reads the configuration of a server. default.toml is both its documentation and its defaults.
package config

import (
	_ "embed"
	"fmt"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/BurntSushi/toml"

	"navette/internal/directory"
	"navette/internal/guard"
)

// Default is the documented default configuration, as `navette config` prints it.
//
//go:embed default.toml
var Default string

// Config is a whole configuration. default.toml says what each value means.
type Config struct {
	DataDir         string         `toml:"data_dir"`
	Database        string         `toml:"database"`
	Hostname        string         `toml:"hostname"`
	Domains         []string       `toml:"domains"`
	TrustedNetworks []netip.Prefix `toml:"trusted_networks"`
	Quota           int64          `toml:"quota"`
	TLS             TLS            `toml:"tls"`
	SMTP            SMTP           `toml:"smtp"`
	IMAP            IMAP           `toml:"imap"`
	Outbound        Outbound       `toml:"outbound"`
	Identity        Identity       `toml:"identity"`
	Recovery        Recovery       `toml:"recovery"`
	Retention       Retention      `toml:"retention"`
	Roster          Roster         `toml:"roster"`
	AAF             AAF            `toml:"aaf"`
	Career          Career         `toml:"career"`
	Guard           Guard          `toml:"guard"`
	HTTP            HTTP           `toml:"http"`
	Academie        Academie       `toml:"academie"`
	Ops             Ops            `toml:"ops"`
}

// TLS names the files of the server's certificate.
type TLS struct {
	Certificate string `toml:"certificate"`
	Key         string `toml:"key"`
}

// SMTP is reception, submission and LMTP.
type SMTP struct {
	Reception                string        `toml:"reception"`
	Submission               string        `toml:"submission"`
	Submissions              string        `toml:"submissions"`
	LMTP                     string        `toml:"lmtp"`
	MaxMessageSize           int64         `toml:"max_message_size"`
	MaxRecipients            int           `toml:"max_recipients"`
	MaxConnections           int           `toml:"max_connections"`
	MaxConnectionsPerNetwork int           `toml:"max_connections_per_network"`
	IdleTimeout              time.Duration `toml:"idle_timeout"`
}

// IMAP is the two doors of IMAP.
type IMAP struct {
	IMAP                     string `toml:"imap"`
	IMAPS                    string `toml:"imaps"`
	MaxConnections           int    `toml:"max_connections"`
	MaxConnectionsPerAccount int    `toml:"max_connections_per_account"`
}

// HTTP is the two doors of the pages.
type HTTP struct {
	HTTP                     string         `toml:"http"`
	HTTPS                    string         `toml:"https"`
	Origin                   string         `toml:"origin"`
	Proxies                  []netip.Prefix `toml:"proxies"`
	MaxConnections           int            `toml:"max_connections"`
	MaxConnectionsPerNetwork int            `toml:"max_connections_per_network"`
}

// Academie is what public pages say of who runs the server.
type Academie struct {
	Name      string `toml:"name"`
	Phone     string `toml:"phone"`
	Hours     string `toml:"hours"`
	Helpdesk  string `toml:"helpdesk"`
	Publisher string `toml:"publisher"`
	Host      string `toml:"host"`
	DPO       string `toml:"dpo"`
}

// Outbound is how mail leaves.
type Outbound struct {
	Relay            string         `toml:"relay"`
	RelayTLS         string         `toml:"relay_tls"`
	AllowedNetworks  []netip.Prefix `toml:"allowed_networks"`
	Workers          int            `toml:"workers"`
	DelayNoticeAfter time.Duration  `toml:"delay_notice_after"`
	ExpireAfter      time.Duration  `toml:"expire_after"`
}

// Identity is what protects credentials.
type Identity struct {
	PepperFile         string        `toml:"pepper_file"`
	ProofFile          string        `toml:"proof_file"`
	CountriesFile      string        `toml:"countries_file"`
	SecondFactorExempt []string      `toml:"second_factor_exempt"`
	SecondFactorWait   time.Duration `toml:"second_factor_wait"`
}

// Proof is the file of the signing keys.
func (i Identity) Proof() string {
	if i.ProofFile != "" {
		return i.ProofFile
	}
	return filepath.Join(filepath.Dir(i.PepperFile), "proof")
}

// Retention is how long traces of what was sent are kept.
type Retention struct {
	Copies     time.Duration `toml:"copies"`
	Deliveries time.Duration `toml:"deliveries"`
}

// leastDeliveries is how long a message can be taken back, and what becomes of its copies is watched (package mailing).
const leastDeliveries = 14 * 24 * time.Hour

// Recovery is how long things can be given back.
type Recovery struct {
	KeepDeleted time.Duration `toml:"keep_deleted"`
}

// Roster is where HR files come from.
type Roster struct {
	DropFolder string `toml:"drop_folder"`
}

// Career is how long things last after somebody's last function, in days.
type Career struct {
	Grace       int    `toml:"grace"`
	SummerGrace int    `toml:"summer_grace"`
	ReadOnly    int    `toml:"read_only"`
	Reminders   []int  `toml:"reminders"`
	Contact     string `toml:"contact"`
}

// Guard is what the protection of addresses may choose.
type Guard struct {
	SMTP              string   `toml:"smtp"`
	PersonalProviders []string `toml:"personal_providers"`
	Help              string   `toml:"help"`
}

// Ops is the door of the monitoring.
type Ops struct {
	Listen string `toml:"listen"`
}

// Load reads a file over the defaults and checks the result. Errors are one line, for whoever wrote the file.
func Load(path string) (*Config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	c, err := Parse(string(text))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return c, nil
}

// AAF is where exports about pupils and guardians come from, and how long what is over is kept.
type AAF struct {
	DropFolder    string `toml:"drop_folder"`
	FormerDays    int    `toml:"former_days"`
	RetentionDays int    `toml:"retention_days"`
}

// Parse is Load of a text.
func Parse(text string) (*Config, error) {
	var c Config
	for _, layer := range []string{Default, text} {
		meta, err := toml.Decode(layer, &c)
		if err != nil {
			return nil, err
		}
		if unknown := meta.Undecoded(); len(unknown) > 0 {
			return nil, fmt.Errorf("unknown key %q", unknown[0].String())
		}
	}
	return &c, c.check()
}

func (c *Config) check() error {
	if len(c.Domains) == 0 {
		return fmt.Errorf("domains: at least one is needed")
	}
	for i, d := range c.Domains {
		n, err := directory.NormalDomain(d)
		if err != nil {
			return fmt.Errorf("domains: %q is not a domain", d)
		}
		c.Domains[i] = n
	}
	if u, err := url.Parse(c.Database); err == nil && u.User != nil {
		if _, has := u.User.Password(); has {
			return fmt.Errorf("database: the URL must not hold a password; name a file by PGPASSFILE")
		}
	}
	if (c.TLS.Certificate == "") != (c.TLS.Key == "") {
		return fmt.Errorf("tls: certificate and key go together")
	}
	if c.SMTP.LMTP != "" && !filepath.IsAbs(c.SMTP.LMTP) {
		return fmt.Errorf("smtp.lmtp: must be the absolute path of a Unix socket")
	}
	for _, days := range c.Career.Reminders {
		if days < 1 || days >= c.Career.ReadOnly {
			return fmt.Errorf("career.reminders: must be fewer days than career.read_only, and at least one")
		}
	}
	if c.Roster.DropFolder != "" && !filepath.IsAbs(c.Roster.DropFolder) {
		return fmt.Errorf("roster.drop_folder: must be an absolute path")
	}
	if c.AAF.DropFolder != "" && !filepath.IsAbs(c.AAF.DropFolder) {
		return fmt.Errorf("aaf.drop_folder: must be an absolute path")
	}
	if o, err := url.Parse(c.HTTP.Origin); err != nil || c.HTTP.Origin != "" && (o.Scheme != "https" || o.Host == "" || o.Path != "" || o.RawQuery != "") {
		return fmt.Errorf("http.origin: must be https://NAME, without a path")
	}
	if c.Guard.SMTP != "refuse" && c.Guard.SMTP != "separate" {
		return fmt.Errorf("guard.smtp: must be refuse or separate")
	}
	if _, err := guard.NewProviders(c.Guard.PersonalProviders); err != nil {
		return fmt.Errorf("guard.personal_providers: %w", err)
	}
	switch c.Outbound.RelayTLS {
	case "required", "opportunistic", "none":
	default:
		return fmt.Errorf("outbound.relay_tls: must be required, opportunistic or none")
	}
	if c.Outbound.Relay != "" && !strings.Contains(c.Outbound.Relay, ":") {
		return fmt.Errorf("outbound.relay: must be HOST:PORT")
	}
	for name, v := range map[string]int64{
		"quota": c.Quota, "smtp.max_message_size": c.SMTP.MaxMessageSize - 1, "smtp.max_recipients": int64(c.SMTP.MaxRecipients - 100),
		"smtp.max_connections": int64(c.SMTP.MaxConnections - 1), "smtp.max_connections_per_network": int64(c.SMTP.MaxConnectionsPerNetwork - 1),
		"imap.max_connections": int64(c.IMAP.MaxConnections - 1), "imap.max_connections_per_account": int64(c.IMAP.MaxConnectionsPerAccount - 1),
		"http.max_connections": int64(c.HTTP.MaxConnections - 1), "http.max_connections_per_network": int64(c.HTTP.MaxConnectionsPerNetwork - 1),
		"outbound.workers": int64(c.Outbound.Workers - 1), "smtp.idle_timeout": int64(c.SMTP.IdleTimeout - time.Second),
		"outbound.expire_after": int64(c.Outbound.ExpireAfter - time.Minute), "recovery.keep_deleted": int64(c.Recovery.KeepDeleted),
		"retention.copies": int64(c.Retention.Copies - 72*time.Hour), "retention.deliveries": int64(c.Retention.Deliveries - leastDeliveries),
		"career.grace": int64(c.Career.Grace), "career.summer_grace": int64(c.Career.SummerGrace), "career.read_only": int64(c.Career.ReadOnly - 1),
		"aaf.former_days": int64(c.AAF.FormerDays - 1), "aaf.retention_days": int64(c.AAF.RetentionDays - 1),
	} {
		if v < 0 {
			return fmt.Errorf("%s: too small", name)
		}
	}
	return nil
}
