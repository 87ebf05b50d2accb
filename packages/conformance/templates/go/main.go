// A subject of the conformance suite around franz-go: a template to begin with. One record at a time; partitions come
// and go between two of them, commits of what is finished also meanwhile. docs/test-your-own-consumer.md explains it.
package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

type object = map[string]any
type command struct {
	ID             int64
	Cmd, H, Result string
	Config         struct {
		Brokers, Topics                                                     []string
		Group, Member, StartAt, Assignor                                    string
		SessionTimeoutMs, HeartbeatMs, RebalanceTimeoutMs, CommitIntervalMs time.Duration
	}
}

var hello = object{
	"protocol": 1, "spec": "1.0.0", "name": "go-template", "version": "0.1.0", "language": "go",
	"runtime": runtime.Version(), "client": object{"name": "franz-go", "version": "1.22.2"},
	"capabilities": object{"groupProtocol": []string{"classic"}, "rebalance": []string{"eager", "cooperative"}, "graceful": true, "startAt": true},
}

type partition = [2]any // topic and number
// Used by the loop and by the callbacks of a rebalance, which kgo.BlockRebalanceOnPoll keeps apart.
var (
	client  *kgo.Client
	epoch   int
	epochs  = map[partition]int{}   // names each assignment of a partition
	results = make(chan command, 1) // for the running handler
	stop    = make(chan int64, 3)   // the id of the command that says so
)

func say(message object) { // one write, so lines of two goroutines do not mix
	line, _ := json.Marshal(message)
	os.Stdout.Write(append(line, '\n'))
}

func assigned(_ context.Context, _ *kgo.Client, topics map[string][]int32) {
	epoch++
	list := []partition{}
	for topic, ids := range topics {
		for _, id := range ids {
			epochs[partition{topic, id}] = epoch
			list = append(list, partition{topic, id})
		}
	}
	say(object{"ev": "assigned", "epoch": strconv.Itoa(epoch), "partitions": list})
}

func handle(r *kgo.Record) { // your own handler would do its work in place of these lines
	of := epochs[partition{r.Topic, r.Partition}]
	begin := object{"ev": "begin", "h": fmt.Sprintf("%s-%d@%d.%d", r.Topic, r.Partition, r.Offset, of),
		"epoch": strconv.Itoa(of), "t": r.Topic, "p": r.Partition, "o": strconv.FormatInt(r.Offset, 10),
		"key": r.Key, "vh": nil, "attempt": 1} // as JSON bytes are base64, and nil is null
	if hash := sha256.Sum256(r.Value); r.Value != nil {
		begin["vh"] = hash[:16]
	}
	say(begin)
	if finish := <-results; finish.Result != "ok" && finish.Result != "skip" {
		log.Fatalf("%s has failed, and there is neither a retry nor a dead letter here", finish.H)
	}
	client.MarkCommitRecords(r) // one after the other, so all below are finished, too
}

func consume() {
	for ; len(stop) == 0; client.AllowRebalance() {
		ctx, cancel := context.WithTimeout(context.Background(), 100*time.Millisecond)
		fetched := client.PollRecords(ctx, 1) // the others wait in the client, within its limits
		cancel()
		fetched.EachError(func(topic string, id int32, err error) {
			if !errors.Is(err, context.DeadlineExceeded) { // which only says that nothing came
				log.Printf("%s/%d: %v", topic, id, err)
			}
		})
		fetched.EachRecord(handle)
	}
	client.CloseAllowingRebalance() // revokes everything, and so commits, and leaves the group
	if id := <-stop; id >= 0 {
		say(object{"id": id, "ok": object{"forced": false}})
	}
	os.Exit(0)
}

func start(c command) {
	conf, ms := c.Config, time.Millisecond
	at := map[string]kgo.Offset{"earliest": kgo.NewOffset().AtStart(), "latest": kgo.NewOffset().AtEnd()}
	by := map[string]kgo.GroupBalancer{"range": kgo.RangeBalancer(), "cooperative-sticky": kgo.CooperativeStickyBalancer()}
	var err error
	client, err = kgo.NewClient(kgo.SeedBrokers(conf.Brokers...), kgo.ClientID(conf.Member), // tells members apart
		kgo.ConsumerGroup(conf.Group), kgo.ConsumeTopics(conf.Topics...), kgo.Balancers(by[conf.Assignor]),
		kgo.SessionTimeout(conf.SessionTimeoutMs*ms), kgo.HeartbeatInterval(conf.HeartbeatMs*ms),
		kgo.RebalanceTimeout(conf.RebalanceTimeoutMs*ms), kgo.ConsumeResetOffset(at[conf.StartAt]),
		kgo.FetchIsolationLevel(kgo.ReadCommitted()), kgo.BlockRebalanceOnPoll(),
		kgo.MetadataMaxAge(10*time.Second), // within which new partitions are seen; the default is 5 minutes
		// Of what is marked as finished, not of what was polled; nothing new is no commit.
		kgo.AutoCommitMarks(), kgo.AutoCommitInterval(conf.CommitIntervalMs*ms), kgo.OnPartitionsAssigned(assigned),
		kgo.OnPartitionsRevoked(func(ctx context.Context, c *kgo.Client, _ map[string][]int32) {
			if err := c.CommitMarkedOffsets(ctx); err != nil { // what it lacks, the next member repeats
				log.Printf("commit before partitions leave: %v", err)
			}
		}))
	if err != nil {
		log.Fatal(err)
	}
	go consume()
	say(object{"id": c.ID, "ok": object{}})
}

func main() {
	term := make(chan os.Signal, 1)
	signal.Notify(term, syscall.SIGTERM)
	go func() { <-term; stop <- -1 }()
	for in := json.NewDecoder(os.Stdin); ; {
		c := command{ID: -1}
		if in.Decode(&c) != nil {
			c.Cmd = "stop" // the end of standard input
		}
		switch c.Cmd {
		case "hello":
			say(object{"id": c.ID, "ok": hello})
		case "finish":
			results <- c
		case "start":
			start(c)
		case "stop":
			if stop <- c.ID; client == nil { // a running handler may finish meanwhile
				os.Exit(0)
			}
		default:
			say(object{"id": c.ID, "error": object{"code": "unsupported"}})
		}
	}
}
