package enrolment

import (
	"context"
	"iter"
	"runtime"

	"navette/internal/aaf"
)

// readBatch and readQueue bound what is read ahead of one file: some hundreds of records.
const (
	readBatch = 64
	readQueue = 8
)

// got is what a file gives: a record, or why there is none.
type got struct {
	record *aaf.Record
	err    error
}

// readAhead gives the records of an export in the order of its files, as aaf.Export.Records does, and has a file a
// processor read at the same time: reading XML is most of the work of an import that changes nothing.
func readAhead(ctx context.Context, export *aaf.Export) iter.Seq2[*aaf.Record, error] {
	return func(yield func(*aaf.Record, error) bool) {
		ctx, stop := context.WithCancel(ctx)
		defer stop()
		queues := make([]chan []got, len(export.Files))
		start := func(i int) {
			if i < len(queues) {
				queues[i] = make(chan []got, readQueue)
				go readFile(ctx, export, i, queues[i])
			}
		}
		ahead := runtime.GOMAXPROCS(0)
		for i := range ahead {
			start(i)
		}
		for i := range queues {
			for batch := range queues[i] {
				for _, one := range batch {
					if !yield(one.record, one.err) {
						return
					}
				}
			}
			if ctx.Err() != nil {
				yield(nil, ctx.Err())
				return
			}
			start(i + ahead)
		}
	}
}

// readFile reads one file of an export into a queue, which it closes.
func readFile(ctx context.Context, export *aaf.Export, file int, queue chan<- []got) {
	defer close(queue)
	one := *export
	one.Files = export.Files[file : file+1]
	var batch []got
	send := func() bool {
		if len(batch) == 0 {
			return true
		}
		select {
		case queue <- batch:
			batch = nil
			return true
		case <-ctx.Done():
			return false
		}
	}
	for record, err := range one.Records(ctx) {
		if batch = append(batch, got{record, err}); len(batch) == readBatch && !send() {
			return
		}
	}
	send()
}
