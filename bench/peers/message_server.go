// The message store in Go with net/http, in memory: a peer of the benchmark. Takes the port as its argument.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strings"
	"sync"
)

type message struct {
	Message *string `json:"message"`
}

var (
	lock     sync.RWMutex
	messages = map[string]string{}
)

func reply(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body)
}

func post(w http.ResponseWriter, r *http.Request) {
	var posted message
	body := http.MaxBytesReader(w, r.Body, 1<<20)
	if json.NewDecoder(body).Decode(&posted) != nil || posted.Message == nil {
		reply(w, 400, map[string]string{"err_msg": "Not a message"})
		return
	}
	sum := sha256.Sum256([]byte(*posted.Message))
	digest := hex.EncodeToString(sum[:])
	lock.Lock()
	messages[digest] = *posted.Message
	lock.Unlock()
	reply(w, 201, map[string]string{"digest": digest})
}

func get(w http.ResponseWriter, r *http.Request) {
	lock.RLock()
	found, ok := messages[strings.TrimPrefix(r.URL.Path, "/messages/")]
	lock.RUnlock()
	if !ok {
		reply(w, 404, map[string]string{"err_msg": "Message not found"})
		return
	}
	reply(w, 200, message{&found})
}

func main() {
	http.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodPost {
			post(w, r)
		} else {
			get(w, r)
		}
	})
	log.Fatal(http.ListenAndServe("127.0.0.1:"+os.Args[1], nil))
}
