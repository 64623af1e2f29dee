package main

import (
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

func round(x float64) float64 { return math.Round(x*1000) / 1000 }

// samples collects durations from many goroutines.
type samples struct {
	mu sync.Mutex
	v  []time.Duration
}

func (s *samples) add(d time.Duration) {
	s.mu.Lock()
	s.v = append(s.v, d)
	s.mu.Unlock()
}

func (s *samples) summary() map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	if len(s.v) == 0 {
		return map[string]any{"n": 0}
	}
	slices.Sort(s.v)
	at := func(q float64) float64 {
		return round(float64(s.v[int(math.Ceil(q*float64(len(s.v))))-1].Microseconds()) / 1000)
	}
	return map[string]any{"n": len(s.v), "p50_ms": at(.5), "p99_ms": at(.99), "max_ms": at(1)}
}

// errlog counts failures and keeps the first few texts.
type errlog struct {
	mu    sync.Mutex
	n     int
	texts map[string]int
}

func (e *errlog) add(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.n++
	if e.texts == nil {
		e.texts = map[string]int{}
	}
	t := err.Error()
	if len(t) > 160 {
		t = t[:160]
	}
	if e.texts[t] > 0 || len(e.texts) < 5 {
		e.texts[t]++
	}
}

func (e *errlog) put(res map[string]any) {
	e.mu.Lock()
	defer e.mu.Unlock()
	res["errors"] = e.n
	if e.n > 0 {
		res["error_texts"] = e.texts
	}
}

// meter takes readings of the server's resources around a run.
type meter struct {
	c     *config
	cpu   float64
	disk  [3]float64
	bytes int64
	files int64
}

func startMeter(c *config) *meter {
	m := &meter{c: c}
	if c.dataDir != "" {
		syscall.Sync()
		m.bytes, m.files = diskUse(c.dataDir)
	}
	m.cpu, m.disk = treeCPU(c.pids), diskStats(c.disk)
	return m
}

// stop adds CPU and device counters to res; call growth when all has settled.
func (m *meter) stop(res map[string]any) {
	if m.c.pids != "" {
		res["server_cpu_s"] = round(treeCPU(m.c.pids) - m.cpu)
	}
	if m.c.disk != "" {
		d := diskStats(m.c.disk)
		res["disk_writes"], res["disk_mb_written"], res["disk_flushes"] = d[0]-m.disk[0], round((d[1]-m.disk[1])*512/1e6), d[2]-m.disk[2]
	}
}

func (m *meter) growth(res map[string]any) {
	if m.c.dataDir == "" {
		return
	}
	syscall.Sync()
	b, f := diskUse(m.c.dataDir)
	res["data_growth_mb"], res["data_growth_files"] = round(float64(b-m.bytes)/1e6), f-m.files
}

// diskUse sums allocated blocks, counting a hard-linked file once.
func diskUse(dirs string) (bytes, files int64) {
	type key struct{ dev, ino uint64 }
	seen := map[key]bool{}
	for _, dir := range strings.Split(dirs, ",") {
		_ = filepath.WalkDir(dir, func(_ string, d fs.DirEntry, err error) error {
			if err != nil {
				return nil
			}
			info, err := d.Info()
			if err != nil {
				return nil
			}
			st, ok := info.Sys().(*syscall.Stat_t)
			if !ok {
				return nil
			}
			if st.Nlink > 1 && !d.IsDir() {
				k := key{uint64(st.Dev), st.Ino}
				if seen[k] {
					return nil
				}
				seen[k] = true
			}
			bytes += st.Blocks * 512
			files++
			return nil
		})
	}
	return bytes, files
}

// tree returns the given pids and all their descendants.
func tree(pids string) []int {
	if pids == "" {
		return nil
	}
	want := map[int]bool{}
	for _, p := range strings.Split(pids, ",") {
		if n, err := strconv.Atoi(strings.TrimSpace(p)); err == nil {
			want[n] = true
		}
	}
	parent := map[int]int{}
	dirs, _ := filepath.Glob("/proc/[0-9]*")
	for _, d := range dirs {
		pid, _ := strconv.Atoi(filepath.Base(d))
		if f := statFields(pid); len(f) > 1 {
			parent[pid], _ = strconv.Atoi(f[1])
		}
	}
	var out []int
	for pid := range parent {
		for p, depth := pid, 0; p > 1 && depth < 64; p, depth = parent[p], depth+1 {
			if want[p] {
				out = append(out, pid)
				break
			}
		}
	}
	return out
}

// statFields returns /proc/PID/stat after the command name: state, ppid, ...
func statFields(pid int) []string {
	b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return nil
	}
	s := string(b)
	return strings.Fields(s[strings.LastIndexByte(s, ')')+1:])
}

// treeCPU is the CPU time of the tree in seconds, reaped children included.
func treeCPU(pids string) float64 {
	var ticks float64
	for _, pid := range tree(pids) {
		if f := statFields(pid); len(f) > 14 {
			for _, x := range f[11:15] {
				n, _ := strconv.ParseFloat(x, 64)
				ticks += n
			}
		}
	}
	return ticks / 100
}

// treeMemory sums resident and proportional set sizes in kB.
func treeMemory(pids string) (rss, pss, procs int64) {
	for _, pid := range tree(pids) {
		b, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/smaps_rollup")
		if err != nil {
			continue
		}
		procs++
		for _, line := range strings.Split(string(b), "\n") {
			if f := strings.Fields(line); len(f) >= 2 {
				n, _ := strconv.ParseInt(f[1], 10, 64)
				switch f[0] {
				case "Rss:":
					rss += n
				case "Pss:":
					pss += n
				}
			}
		}
	}
	return
}

// diskStats returns writes, sectors written and flushes of a block device.
func diskStats(dev string) (out [3]float64) {
	b, err := os.ReadFile("/proc/diskstats")
	if dev == "" || err != nil {
		return
	}
	for _, line := range strings.Split(string(b), "\n") {
		f := strings.Fields(line)
		if len(f) > 10 && f[2] == dev {
			out[0], _ = strconv.ParseFloat(f[7], 64)
			out[1], _ = strconv.ParseFloat(f[9], 64)
			if len(f) > 18 {
				out[2], _ = strconv.ParseFloat(f[18], 64)
			}
		}
	}
	return
}
