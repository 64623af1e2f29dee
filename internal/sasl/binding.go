package sasl

import (
	"crypto/sha256"
	"crypto/sha512"
	"crypto/tls"
	"crypto/x509"
)

// The channel bindings of TLS that are offered. tls-unique is not: it does not exist in TLS 1.3 and is unsafe before.
const (
	bindExporter = "tls-exporter"         // RFC 9266
	bindEndPoint = "tls-server-end-point" // RFC 5929 §4
)

// canBind tells whether there is a channel binding for the connection.
func (c Connection) canBind() bool {
	return c.binding(bindExporter) != nil || c.binding(bindEndPoint) != nil
}

// binding is what both ends of the connection know and nobody in the middle can have; nil where there is none of that
// name.
func (c Connection) binding(name string) []byte {
	switch {
	case c.TLS == nil:
		return nil
	case name == bindExporter && c.TLS.Version >= tls.VersionTLS13:
		data, err := c.TLS.ExportKeyingMaterial("EXPORTER-Channel-Binding", nil, 32)
		if err != nil {
			return nil
		}
		return data
	case name == bindEndPoint && c.Certificate != nil:
		return endPoint(c.Certificate)
	}
	return nil
}

// endPoint hashes a certificate by the hash of its signature, and by SHA-256 where that is an old one. It is nil where
// the signature has no hash of its own (Ed25519): RFC 5929 says nothing of those.
func endPoint(c *x509.Certificate) []byte {
	switch c.SignatureAlgorithm {
	case x509.MD5WithRSA, x509.SHA1WithRSA, x509.ECDSAWithSHA1,
		x509.SHA256WithRSA, x509.SHA256WithRSAPSS, x509.ECDSAWithSHA256:
		sum := sha256.Sum256(c.Raw)
		return sum[:]
	case x509.SHA384WithRSA, x509.SHA384WithRSAPSS, x509.ECDSAWithSHA384:
		sum := sha512.Sum384(c.Raw)
		return sum[:]
	case x509.SHA512WithRSA, x509.SHA512WithRSAPSS, x509.ECDSAWithSHA512:
		sum := sha512.Sum512(c.Raw)
		return sum[:]
	}
	return nil
}

// CertificateOf is the one certificate that a configuration shows to every client; nil where it has several, or chooses
// at each handshake, because a connection does not tell afterwards which it was.
func CertificateOf(cfg *tls.Config) *x509.Certificate {
	if cfg == nil || len(cfg.Certificates) != 1 || cfg.GetCertificate != nil || cfg.GetConfigForClient != nil {
		return nil
	}
	if leaf := cfg.Certificates[0].Leaf; leaf != nil {
		return leaf
	}
	if len(cfg.Certificates[0].Certificate) == 0 {
		return nil
	}
	leaf, err := x509.ParseCertificate(cfg.Certificates[0].Certificate[0])
	if err != nil {
		return nil
	}
	return leaf
}
