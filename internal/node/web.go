package node

import (
	"fmt"
	"net/url"
	"time"

	"navette/internal/limits"
	"navette/internal/webd"
	"navette/web"
)

// webServer is the door of the browser.
func (s *Server) webServer(p Plan) (*webd.Server, error) {
	c := s.house.Config
	origin, err := s.origin(p)
	if err != nil {
		return nil, err
	}
	known := origin.String()
	s.house.origin.Store(&known)
	people, err := s.people(origin)
	if err != nil {
		return nil, err
	}
	a := c.Academie
	return webd.New(webd.Config{
		Pages: web.Dist(), Origin: origin, Local: p.LoopbackPlain, HSTS: !p.LoopbackPlain, Proxies: limits.Networks(c.HTTP.Proxies),
		Trusted: s.house.trusted(), TLS: p.TLS, Now: time.Now, Log: s.log, People: people,
		Limits: webd.Limits{Connections: c.HTTP.MaxConnections, ConnectionsPerNetwork: c.HTTP.MaxConnectionsPerNetwork},
		About: webd.About{Name: a.Name, Domain: c.Domains[0], Phone: a.Phone, Hours: a.Hours, Helpdesk: a.Helpdesk, Publisher: a.Publisher,
			Host: a.Host, DPO: a.DPO},
	})
}

// origin is where people find the pages. That of a demo is localhost, because a passkey is bound to a name.
func (s *Server) origin(p Plan) (*url.URL, error) {
	if p.LoopbackPlain {
		return url.Parse(fmt.Sprintf("http://localhost:%d", s.Ports[DoorHTTP]))
	}
	if o := s.house.Config.HTTP.Origin; o != "" {
		return url.Parse(o)
	}
	return &url.URL{Scheme: "https", Host: s.house.Config.Hostname}, nil
}
