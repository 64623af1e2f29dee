package webd

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strings"
	"time"
)

// asset is one file of the built pages, with what the build has compressed of it.
type asset struct {
	contentType string
	etag        string
	plain       []byte
	packed      map[string][]byte // content coding -> octets
}

// codings are the content codings that the build leaves beside a file, the better first, by their ending.
var codings = []struct{ name, ending string }{{"br", ".br"}, {"gzip", ".gz"}}

// loadAssets reads the built pages into memory: they are part of the program, and are compared with nothing.
func loadAssets(pages fs.FS) (map[string]*asset, error) {
	out := map[string]*asset{}
	err := fs.WalkDir(pages, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || isPacked(name) {
			return err
		}
		out[name], err = loadAsset(pages, name)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("read the built pages: %w", err)
	}
	if out["index.html"] == nil && out["portal.html"] == nil {
		return nil, fmt.Errorf("read the built pages: there is neither portal.html nor index.html")
	}
	return out, nil
}

func isPacked(name string) bool {
	for _, c := range codings {
		if strings.HasSuffix(name, c.ending) {
			return true
		}
	}
	return false
}

func loadAsset(pages fs.FS, name string) (*asset, error) {
	plain, err := fs.ReadFile(pages, name)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(plain)
	a := &asset{contentType: typeOf(name), etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`, plain: plain, packed: map[string][]byte{}}
	for _, c := range codings {
		if packed, err := fs.ReadFile(pages, name+c.ending); err == nil {
			a.packed[c.name] = packed
		}
	}
	return a, nil
}

// typeOf gives the media type of a file by its ending. The types that matter are spelt out: what a machine's own table
// says of them differs.
func typeOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		if t := mime.TypeByExtension(ext); t != "" {
			return t
		}
		return "application/octet-stream"
	}
}

// serve answers with the asset in the best coding that the client takes.
func (a *asset) serve(w http.ResponseWriter, r *http.Request, status int) {
	h := w.Header()
	h.Set("Content-Type", a.contentType)
	h.Add("Vary", "Accept-Encoding")
	body, etag := a.plain, a.etag
	for _, c := range codings {
		if packed, has := a.packed[c.name]; has && accepts(r.Header.Get("Accept-Encoding"), c.name) {
			body, etag = packed, strings.TrimSuffix(a.etag, `"`)+"-"+c.name+`"` // another coding is another representation
			h.Set("Content-Encoding", c.name)
			break
		}
	}
	if status != http.StatusOK {
		h.Set("Content-Length", fmt.Sprint(len(body)))
		w.WriteHeader(status)
		if r.Method != http.MethodHead {
			w.Write(body) //nolint:errcheck // who asked may hang up
		}
		return
	}
	h.Set("ETag", etag)
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(body))
}

// accepts tells whether an Accept-Encoding header takes a coding (RFC 9110 §12.5.3): named, or by *, and not with q=0.
func accepts(header, coding string) bool {
	star := false
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(part, ";")
		name = strings.ToLower(strings.TrimSpace(name))
		q := strings.ReplaceAll(strings.ToLower(params), " ", "")
		refused := strings.HasPrefix(q, "q=0") && strings.Trim(q[len("q=0"):], ".0") == ""
		switch name {
		case coding:
			return !refused
		case "*":
			star = !refused
		}
	}
	return star
}
