package content

import (
	"crypto/sha256"
	"hash"
	"io"
	"sync"

	"github.com/klauspost/compress/zstd"

	"navette/internal/mail"
)

// kit is what receiving a content takes and the next content can use again: a scanner with its buffers, a sum, the
// octets of a small content. A large content's encoder is kept apart: it weighs a megabyte, and few need one.
type kit struct {
	scan  *mail.Scanner
	sum   hash.Hash
	small []byte
}

// kits hands kits out. Its pools may be used from many goroutines.
type kits struct {
	kits      sync.Pool
	encoders  sync.Pool
	decoders  sync.Pool
	scratches sync.Pool
}

// scratch returns a buffer to decompress a text into.
func (p *kits) scratch() *[]byte {
	if b, ok := p.scratches.Get().(*[]byte); ok {
		return b
	}
	return new([]byte)
}

func (p *kits) giveScratch(b *[]byte) { p.scratches.Put(b) }

func (p *kits) take(limits mail.Limits) *kit {
	k, ok := p.kits.Get().(*kit)
	if !ok {
		return &kit{scan: mail.NewScanner(limits), sum: sha256.New()}
	}
	k.scan.Reset()
	k.sum.Reset()
	k.small = k.small[:0]
	return k
}

func (p *kits) give(k *kit) { p.kits.Put(k) }

// encoder returns one that compresses what is written to it into w.
func (p *kits) encoder(w io.Writer) (*zstd.Encoder, error) {
	if e, ok := p.encoders.Get().(*zstd.Encoder); ok {
		e.Reset(w)
		return e, nil
	}
	return zstd.NewWriter(w, zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(objectWindow))
}

// giveEncoder takes an encoder back, whatever state it is in.
func (p *kits) giveEncoder(e *zstd.Encoder) {
	e.Reset(nil)
	p.encoders.Put(e)
}

// decoder returns one that gives what r holds compressed.
func (p *kits) decoder(r io.Reader) (*zstd.Decoder, error) {
	if d, ok := p.decoders.Get().(*zstd.Decoder); ok {
		err := d.Reset(r)
		return d, err
	}
	return zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(8<<20))
}

// giveDecoder takes a decoder back, whatever state it is in.
func (p *kits) giveDecoder(d *zstd.Decoder) {
	if d.Reset(nil) == nil {
		p.decoders.Put(d)
	}
}

// objectWindow bounds the memory of reading and writing a large content.
const objectWindow = 256 << 10
