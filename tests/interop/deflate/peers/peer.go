// Go's libraries, as Debian packages them, as peers of compressed sessions:
//
//	peer nhooyr|gorilla server PORT OPTIONS | client URL OPTIONS MESSAGES
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"
	"unicode/utf8"

	"github.com/gorilla/websocket"
	nhooyr "nhooyr.io/websocket"
)

const patience = 8 * time.Second

func main() {
	library, role, where := os.Args[1], os.Args[2], os.Args[3]
	if role == "server" {
		handle := map[string]http.HandlerFunc{"nhooyr": echoNhooyr, "gorilla": echoGorilla}[library]
		listener, err := net.Listen("tcp", "127.0.0.1:"+where)
		check(err)
		fmt.Println("listening")
		check(http.Serve(listener, handle))
	}
	text, err := os.ReadFile(os.Args[5])
	check(err)
	var messages []string
	check(json.Unmarshal(text, &messages))
	talk := map[string]func(string, []string){"nhooyr": talkNhooyr, "gorilla": talkGorilla}[library]
	talk(where, messages)
	fmt.Println("ok")
}

func check(err error) {
	if err != nil {
		fmt.Println("failed:", err)
		os.Exit(1)
	}
}

func same(heard []byte, said string) {
	if string(heard) != said {
		check(fmt.Errorf("another message came back"))
	}
}

func echoNhooyr(w http.ResponseWriter, r *http.Request) {
	socket, err := nhooyr.Accept(w, r, nil)
	if err != nil {
		fmt.Println("refused:", err)
		return
	}
	socket.SetReadLimit(64 << 20)
	for {
		kind, data, err := socket.Read(r.Context())
		if err == nil && kind == nhooyr.MessageText && !utf8.Valid(data) {
			socket.Close(nhooyr.StatusInvalidFramePayloadData, "") // it is left to the caller
			return
		}
		if err != nil || socket.Write(r.Context(), kind, data) != nil {
			return
		}
	}
}

func talkNhooyr(url string, messages []string) {
	within, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	socket, _, err := nhooyr.Dial(within, url, nil)
	check(err)
	for _, message := range messages {
		check(socket.Write(within, nhooyr.MessageText, []byte(message)))
		_, data, err := socket.Read(within)
		check(err)
		same(data, message)
	}
	check(socket.Close(nhooyr.StatusNormalClosure, ""))
}

func echoGorilla(w http.ResponseWriter, r *http.Request) {
	upgrader := websocket.Upgrader{EnableCompression: true}
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return
	}
	defer socket.Close()
	for {
		kind, data, err := socket.ReadMessage()
		if err == nil && kind == websocket.TextMessage && !utf8.Valid(data) {
			// That is left to the caller, its documentation says.
			invalid := websocket.FormatCloseMessage(websocket.CloseInvalidFramePayloadData, "")
			socket.WriteMessage(websocket.CloseMessage, invalid)
			return
		}
		if err != nil || socket.WriteMessage(kind, data) != nil {
			return
		}
	}
}

func talkGorilla(url string, messages []string) {
	dialer := websocket.Dialer{EnableCompression: true, HandshakeTimeout: patience}
	socket, _, err := dialer.Dial(url, nil)
	check(err)
	check(socket.SetReadDeadline(time.Now().Add(patience)))
	for _, message := range messages {
		check(socket.WriteMessage(websocket.TextMessage, []byte(message)))
		_, data, err := socket.ReadMessage()
		check(err)
		same(data, message)
	}
	normal := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	check(socket.WriteMessage(websocket.CloseMessage, normal))
	if _, _, err = socket.ReadMessage(); !websocket.IsCloseError(err, websocket.CloseNormalClosure) {
		check(err)
	}
}
