// Serves the series of a page of the exporter with client_golang, as an exporter in Go does that keeps its metrics in a
// registry.
//
//	client_golang PAGE PORT_FILE
//
// PAGE is in the text format. The address is written to PORT_FILE when it accepts connections.
package main

import (
	"log"
	"net"
	"net/http"
	"os"
	"sort"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
)

func namesOf(metric *dto.Metric) []string {
	var names []string
	for _, pair := range metric.GetLabel() {
		names = append(names, pair.GetName())
	}
	return names
}

func labelsOf(metric *dto.Metric) prometheus.Labels {
	labels := prometheus.Labels{}
	for _, pair := range metric.GetLabel() {
		labels[pair.GetName()] = pair.GetValue()
	}
	return labels
}

func register(registry *prometheus.Registry, family *dto.MetricFamily) {
	first := family.GetMetric()[0]
	names := namesOf(first)
	switch family.GetType() {
	case dto.MetricType_COUNTER:
		vector := prometheus.NewCounterVec(prometheus.CounterOpts{Name: family.GetName(), Help: family.GetHelp()}, names)
		registry.MustRegister(vector)
		for _, metric := range family.GetMetric() {
			vector.With(labelsOf(metric)).Add(metric.GetCounter().GetValue())
		}
	case dto.MetricType_HISTOGRAM:
		// The buckets with nothing in them: as many lines, which is what counts here.
		var bounds []float64
		for _, bucket := range first.GetHistogram().GetBucket() {
			bounds = append(bounds, bucket.GetUpperBound())
		}
		sort.Float64s(bounds)
		vector := prometheus.NewHistogramVec(
			prometheus.HistogramOpts{Name: family.GetName(), Help: family.GetHelp(), Buckets: bounds}, names)
		registry.MustRegister(vector)
		for _, metric := range family.GetMetric() {
			vector.With(labelsOf(metric))
		}
	default:
		vector := prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: family.GetName(), Help: family.GetHelp()}, names)
		registry.MustRegister(vector)
		for _, metric := range family.GetMetric() {
			vector.With(labelsOf(metric)).Set(metric.GetGauge().GetValue() + metric.GetUntyped().GetValue())
		}
	}
}

func main() {
	page, err := os.Open(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	var parser expfmt.TextParser
	families, err := parser.TextToMetricFamilies(page)
	if err != nil {
		log.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	for _, family := range families {
		register(registry, family)
	}
	families = nil

	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{EnableOpenMetrics: true}))
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	// In one go, so that nobody reads half of it.
	part := os.Args[2] + ".part"
	if err := os.WriteFile(part, []byte(listener.Addr().String()), 0o644); err != nil {
		log.Fatal(err)
	}
	if err := os.Rename(part, os.Args[2]); err != nil {
		log.Fatal(err)
	}
	log.Fatal(http.Serve(listener, nil))
}
