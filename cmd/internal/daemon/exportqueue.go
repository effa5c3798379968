package daemon

import (
	"context"
	"os"
	"strconv"
	"sync/atomic"

	"go.opentelemetry.io/otel/sdk/log"
	"go.opentelemetry.io/otel/sdk/trace"
)

// exportQueue bounds what waits for an exporter, and counts what is dropped at the bound. The
// queues of the SDK drop without saying so, so they are as long as the bound and never full.
type exportQueue struct {
	most             int64
	waiting, dropped atomic.Int64
}

// newExportQueue returns a queue of the length that a variable of OpenTelemetry sets, or of the
// default of its specification.
func newExportQueue(variable string) *exportQueue {
	n, err := strconv.Atoi(os.Getenv(variable))
	if err != nil || n < 1 {
		n = trace.DefaultMaxQueueSize // that of logs too
	}
	return &exportQueue{most: int64(n)}
}

// enter reports whether there is a place, and takes it.
func (q *exportQueue) enter() bool {
	if q.waiting.Add(1) <= q.most {
		return true
	}
	q.waiting.Add(-1)
	q.dropped.Add(1)
	return false
}

// leave frees the places of what is given to the exporter.
func (q *exportQueue) leave(n int) { q.waiting.Add(-int64(n)) }

// spanProcessor passes spans to the SDK's queue while there is a place.
type spanProcessor struct {
	trace.SpanProcessor
	queue *exportQueue
}

func newSpanProcessor(e spanExporter) trace.SpanProcessor {
	return spanProcessor{trace.NewBatchSpanProcessor(e, trace.WithMaxQueueSize(int(e.queue.most))), e.queue}
}

// OnEnd takes a span. Those that are not sampled are not exported.
func (p spanProcessor) OnEnd(s trace.ReadOnlySpan) {
	if s.SpanContext().IsSampled() && p.queue.enter() {
		p.SpanProcessor.OnEnd(s)
	}
}

// logProcessor passes log records to the SDK's queue while there is a place.
type logProcessor struct {
	log.Processor
	queue *exportQueue
}

func newLogProcessor(e logExporter) log.Processor {
	return logProcessor{log.NewBatchProcessor(e, log.WithMaxQueueSize(int(e.queue.most))), e.queue}
}

// OnEmit takes a record.
func (p logProcessor) OnEmit(ctx context.Context, r *log.Record) error {
	if !p.queue.enter() {
		return nil
	}
	return p.Processor.OnEmit(ctx, r)
}
