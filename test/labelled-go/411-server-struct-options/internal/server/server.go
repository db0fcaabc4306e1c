package server

import (
	"net"
	"net/http"
	"time"

	"github.com/gorilla/mux"
)

// Server answers requests.
type Server struct {
	host, port string
	router     *mux.Router
}

// New makes a server.
func New(host, port string) *Server {
	s := &Server{host: host, port: port, router: mux.NewRouter()}
	s.router.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {})
	return s
}

// Run blocks.
func (s *Server) Run() error {
	httpServer := &http.Server{
		Addr:              net.JoinHostPort(s.host, s.port),
		Handler:           s.router,
		ReadHeaderTimeout: 5 * time.Second,
	}
	return httpServer.ListenAndServe()
}
