// Command lura is the Lura gateway (the engine of KrakenD) with its own defaults and a
// configuration file, for the comparison in docs/benchmarks.
package main

import (
	"flag"
	"log"
	"os"

	"github.com/luraproject/lura/v2/config"
	"github.com/luraproject/lura/v2/logging"
	"github.com/luraproject/lura/v2/proxy"
	"github.com/luraproject/lura/v2/router/mux"
)

func main() {
	file := flag.String("config", "lura.json", "the configuration file")
	flag.Parse()
	service, err := config.NewParser().Parse(*file)
	if err != nil {
		log.Fatal(err)
	}
	logger, err := logging.NewLogger("ERROR", os.Stderr, "lura")
	if err != nil {
		log.Fatal(err)
	}
	mux.DefaultFactory(proxy.DefaultFactory(logger), logger).New().Run(service)
}
