package main

import (
	"net/http"

	"github.com/spf13/viper"
)

func main() {
	viper.SetConfigName("config")
	viper.AddConfigPath("/etc/app")
	if err := viper.ReadInConfig(); err != nil {
		panic(err)
	}
	http.ListenAndServe(viper.GetString("listen"), nil)
}
