package main

import (
	"log"

	"github.com/caarlos0/env/v10"
	"github.com/gofiber/fiber/v2"
)

type config struct {
	Address string `env:"ADDRESS" envDefault:"127.0.0.1:3000"`
}

func main() {
	cfg := config{}
	if err := env.Parse(&cfg); err != nil {
		log.Fatalf("%+v", err)
	}
	app := fiber.New(fiber.Config{AppName: "app"})
	log.Fatal(app.Listen(cfg.Address))
}
