package cli

import (
	"io"
	"os"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// progress returns what long work calls with how far it is; it draws a bar where standard error is a terminal, and
// nothing elsewhere. end must be called.
func progress(errOut io.Writer, what string) (tick func(done, total int), end func()) {
	f, ok := errOut.(*os.File)
	if !ok || !term.IsTerminal(int(f.Fd())) {
		return func(int, int) {}, func() {}
	}
	var bar *progressbar.ProgressBar
	return func(done, total int) {
			if bar == nil {
				bar = progressbar.NewOptions(total, progressbar.OptionSetWriter(f), progressbar.OptionSetDescription(what),
					progressbar.OptionShowCount(), progressbar.OptionClearOnFinish(), progressbar.OptionThrottle(100e6))
			}
			bar.ChangeMax(total)
			bar.Set(done) //nolint:errcheck // a bar that cannot be drawn stops nothing
		}, func() {
			if bar != nil {
				bar.Finish() //nolint:errcheck // see above
			}
		}
}
