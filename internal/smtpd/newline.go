package smtpd

import "bytes"

// newlineCheck looks at data as it passes, in pieces cut anywhere, for what RFC 5321 §2.3.8 forbids: a CR without LF
// or an LF without CR, with which a message can hold what another server takes for its end (SMTP smuggling).
type newlineCheck struct {
	bare    bool // one was seen
	longest int  // octets of the longest line, without its end

	length int  // of the line so far
	cr     bool // the last octet was a CR
}

func (c *newlineCheck) scan(p []byte) {
	for len(p) > 0 {
		i := bytes.IndexByte(p, '\n')
		line := p
		if i >= 0 {
			line = p[:i]
		}
		if c.cr && i != 0 {
			c.bare = true
		}
		if len(line) > 0 {
			first := bytes.IndexByte(line, '\r')
			if first >= 0 && first < len(line)-1 {
				c.bare = true
			}
			c.cr = line[len(line)-1] == '\r'
		}
		if c.length += len(line); c.length > c.longest {
			c.longest = c.length
			if c.cr {
				c.longest--
			}
		}
		if i < 0 {
			return
		}
		if !c.cr {
			c.bare = true
		}
		c.length, c.cr = 0, false
		p = p[i+1:]
	}
}

// end is told that nothing follows.
func (c *newlineCheck) end() {
	if c.cr {
		c.bare = true
	}
}
