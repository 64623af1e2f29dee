package webd

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"net/http"
	"sync"
)

// packFrom is from how many octets an answer is worth being compressed.
const packFrom = 1 << 10

// packer compresses answers. A writer of gzip takes near a megabyte, so they are used again. The zero packer is ready.
type packer struct{ writers sync.Pool }

// writeAnswer answers with JSON. It is compressed where it answers a GET of a client that takes it. What is shown once (a
// password, codes, a sheet, a token) answers a change and never is: how long it is then tells nothing about it, whatever of
// the request stands beside it (BREACH).
func (s *Server) writeAnswer(v *visit, answer any) {
	if v.r.Method != http.MethodGet {
		writeJSON(v.w, http.StatusOK, "application/json", answer)
		return
	}
	v.w.Header().Add("Vary", "Accept-Encoding")
	text, err := json.Marshal(answer)
	if err != nil {
		http.Error(v.w, "internal error", http.StatusInternalServerError)
		return
	}
	if len(text) >= packFrom && accepts(v.r.Header.Get("Accept-Encoding"), "gzip") {
		v.w.Header().Set("Content-Encoding", "gzip")
		text = s.packer.gzip(text)
	}
	writeBody(v.w, http.StatusOK, "application/json", text)
}

func (p *packer) gzip(plain []byte) []byte {
	w, ok := p.writers.Get().(*gzip.Writer)
	if !ok {
		w = gzip.NewWriter(nil)
	}
	defer p.writers.Put(w)
	var packed bytes.Buffer
	w.Reset(&packed)
	w.Write(plain) //nolint:errcheck // a buffer takes everything
	w.Close()      //nolint:errcheck // as above
	return packed.Bytes()
}
