package node

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"navette/internal/config"
)

// Paths of what stands in the data folder.
func objectsDir(c *config.Config) string { return filepath.Join(c.DataDir, "objects") }

// SocketPath is where a running server takes the commands that run beside it.
func SocketPath(c *config.Config) string { return filepath.Join(c.DataDir, "navette.sock") }

// prepareFolder makes the data folder, for its owner only.
func prepareFolder(c *config.Config) error {
	if err := os.MkdirAll(c.DataDir, 0o700); err != nil {
		return fmt.Errorf("make the data folder: %w", err)
	}
	if path, ok := strings.CutPrefix(c.Database, "sqlite:"); ok {
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return fmt.Errorf("make the database's folder: %w", err)
		}
	}
	return nil
}
