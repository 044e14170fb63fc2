/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * What the computing thread of a server does: collects requests to batches and computes them, puts aside those with adapters that are not
 * there, and computes these when their adapters arrive. A batch waits for its own new adapters no longer than for other requests.
 */
final class ServerLoop {

    private static final long FOREVER = TimeUnit.DAYS.toNanos(10_000);

    private final ServerLimits limits;
    private final AdapterSet set;
    private final AdapterLoader loader;
    private final Residents residents;
    private final BlockingQueue<Message> queue;
    private final AtomicInteger waiting;
    private final Set<String> forgotten = ConcurrentHashMap.newKeySet();

    /** What was taken off the queue before it was due. */
    private final Deque<Message> backlog = new ArrayDeque<>();

    /** What is being collected or answered. */
    private final List<Request> begun = new ArrayList<>();

    private final ColdRequests cold = new ColdRequests();
    private volatile ServerStatus status = new ServerStatus(List.of(), 0, 0, 0, 0, 0);
    private long batches;
    private long answered;
    private long failed;

    /** @param waiting counts requests in the queue and those that were put aside, not those of the batch that is being made */
    ServerLoop(
            ServerLimits limits,
            AdapterSet set,
            AdapterLoader loader,
            BlockingQueue<Message> queue,
            AtomicInteger waiting) {
        this.limits = limits;
        this.set = set;
        this.loader = loader;
        this.residents = new Residents(set, limits.bytes());
        this.queue = queue;
        this.waiting = waiting;
    }

    /** By any thread. */
    void forget(String name) {
        forgotten.add(name);
    }

    /** For any thread. */
    ServerStatus status() {
        return status;
    }

    /** Until there is no request any more, or the thread is interrupted: then what was begun is still answered. */
    void run() {
        try {
            Message next = next(FOREVER);
            while (!(next instanceof Message.End)) {
                if (next instanceof Request request) {
                    collect(request);
                    answer();
                } else if (next instanceof Arrival arrival) {
                    settle(arrival);
                }
                requireUninterrupted();
                next = next(FOREVER);
            }
            while (!cold.isEmpty()) {
                if (next(cold.untilLate(FOREVER)) instanceof Arrival arrival) {
                    settle(arrival);
                }
                requireUninterrupted();
            }
        } catch (InterruptedException e) {
            answerWhatIsUnderWay();
            Thread.currentThread().interrupt();
        } finally {
            loader.stop();
        }
    }

    private static void requireUninterrupted() throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("the adapter server");
        }
    }

    private @Nullable Message next(long nanos) throws InterruptedException {
        Message kept = backlog.poll();
        return kept != null ? kept : newest(nanos);
    }

    /** What comes next, or null if nothing does in so many nanoseconds. Who waits for an adapter for too long fails meanwhile. */
    private @Nullable Message newest(long nanos) throws InterruptedException {
        long until = System.nanoTime() + nanos;
        long left = nanos;
        @Nullable Message message = null;
        do {
            cold.takeLate().forEach(late -> {
                waiting.decrementAndGet();
                failLate(late);
            });
            message = queue.poll(cold.untilLate(left), TimeUnit.NANOSECONDS);
            left = until - System.nanoTime();
        } while (message == null && left > 0);
        return message;
    }

    /** Makes a batch of a request and what comes in time. */
    private void collect(Request first) throws InterruptedException {
        begin(first);
        long rows = first.rows();
        while (rows < limits.rows()) {
            Message message = next(first.due() - System.nanoTime());
            if (message instanceof Arrival arrival) {
                settle(arrival);
            } else if (message instanceof Request request && rows + request.rows() <= limits.rows()) {
                begin(request);
                rows += request.rows();
            } else {
                if (message != null) {
                    backlog.addFirst(message);
                }
                return;
            }
        }
    }

    private void begin(Request request) {
        waiting.decrementAndGet();
        begun.add(request);
    }

    /** Answers the batch, but for requests with adapters that have not arrived when its patience is over. */
    private void answer() throws InterruptedException {
        refresh();
        long due = begun.get(0).due();
        Set<String> needed = new LinkedHashSet<>();
        Set<String> fresh = new LinkedHashSet<>();
        begun.stream().filter(Request::isLate).forEach(this::failLate);
        begun.removeIf(request -> request.answer().isDone());
        begun.removeIf(request -> putAside(request, needed, fresh));
        loadNext();
        Arrival held;
        do {
            held = arrivals(due, needed, fresh);
            computeBegun();
            needed.clear();
            if (held != null) {
                place(held, needed);
                fresh.remove(held.name());
            }
        } while (held != null);
    }

    /** What was to be loaded anew is dropped; what is under way is loaded again when it has come. */
    private void refresh() {
        Set.copyOf(forgotten).stream()
                .filter(name -> !loader.underWay().filter(name::equals).isPresent())
                .forEach(name -> {
                    forgotten.remove(name);
                    residents.drop(name);
                });
    }

    private boolean putAside(Request request, Set<String> needed, Set<String> fresh) {
        String name = request.name();
        if (residents.has(name)) {
            needed.add(name);
            return false;
        }
        waiting.incrementAndGet();
        if (cold.add(request)) {
            fresh.add(name);
        }
        return true;
    }

    /**
     * Takes what arrives until the batch has its new adapters, or is due.
     *
     * @return one for which there is no room beside those that are needed
     */
    private @Nullable Arrival arrivals(long due, Set<String> needed, Set<String> fresh) throws InterruptedException {
        while (!fresh.isEmpty() && !(backlog.peekLast() instanceof Message.End)) {
            Message message = newest(due - System.nanoTime());
            if (message == null) {
                return null;
            } else if (!(message instanceof Arrival arrival)) {
                backlog.addLast(message);
            } else if (place(arrival, needed)) {
                fresh.remove(arrival.name());
            } else {
                return arrival;
            }
        }
        return null;
    }

    /** Computes what waited for an adapter. */
    private void settle(Arrival arrival) {
        List<Request> collected = List.copyOf(begun);
        begun.clear();
        try {
            place(arrival, new LinkedHashSet<>());
            computeBegun();
        } finally {
            begun.addAll(collected);
        }
    }

    /** Puts an adapter where it belongs and begins what waited for it; not if there is no room beside those that are needed. */
    private boolean place(Arrival arrival, Set<String> needed) {
        String name = arrival.name();
        if (!forgotten.remove(name)) {
            try {
                if (!residents.put(name, arrival.adapter().get(), Collections.unmodifiableSet(needed))) {
                    return false;
                }
                needed.add(name);
                cold.take(name).forEach(this::begin);
                begun.stream().filter(Request::isLate).forEach(this::failLate);
            } catch (UnavailableAdapterException e) {
                for (Request request : cold.take(name)) {
                    waiting.decrementAndGet();
                    fail(request, e);
                }
            }
        }
        loader.settled();
        loadNext();
        return true;
    }

    private void loadNext() {
        if (loader.underWay().isEmpty()) {
            cold.first().ifPresent(loader::begin);
        }
    }

    private void computeBegun() {
        Map<Request.Kind, List<Request>> together = new LinkedHashMap<>();
        for (Request request : begun) {
            if (!request.answer().isDone()) {
                together.computeIfAbsent(request.kind(), none -> new ArrayList<>())
                        .add(request);
            }
        }
        together.values().forEach(this::computeInBatches);
        begun.clear();
    }

    /** Who waited for an adapter may be many. */
    private void computeInBatches(List<Request> requests) {
        List<Request> batch = new ArrayList<>();
        long rows = 0;
        for (Request request : requests) {
            if (!batch.isEmpty() && rows + request.rows() > limits.rows()) {
                compute(batch);
                batch = new ArrayList<>();
                rows = 0;
            }
            batch.add(request);
            rows += request.rows();
        }
        compute(batch);
    }

    /** Computes requests of one kind as a batch; if that fails, each alone. */
    private void compute(List<Request> requests) {
        List<INDArray> parts = new ArrayList<>();
        try (MemoryWorkspace outside = Nd4j.getMemoryManager().scopeOutOfWorkspaces()) {
            INDArray outputs = set.output(features(requests), names(requests));
            long from = 0;
            for (Request request : requests) {
                parts.add(RowGroups.interval(outputs, from, request.rows()));
                from += request.rows();
            }
        } catch (RuntimeException | Error e) {
            if (requests.size() == 1) {
                fail(requests.get(0), e);
            } else {
                requests.forEach(request -> compute(List.of(request)));
            }
            return;
        }
        batches++;
        answered += requests.size();
        publish();
        for (int i = 0; i < parts.size(); i++) {
            requests.get(i).answer().complete(parts.get(i));
        }
    }

    private static INDArray features(List<Request> requests) {
        return requests.size() == 1
                ? requests.get(0).features()
                : Nd4j.concat(0, requests.stream().map(Request::features).toArray(INDArray[]::new));
    }

    private static List<String> names(List<Request> requests) {
        List<String> names = new ArrayList<>();
        requests.forEach(request -> names.addAll(Collections.nCopies((int) request.rows(), request.name())));
        return names;
    }

    private void failLate(Request request) {
        fail(
                request,
                new TimeoutException(
                        "a request must be computed within " + limits.deadline() + ", and this one waited longer"));
    }

    private void fail(Request request, Throwable reason) {
        failed++;
        publish();
        request.answer().completeExceptionally(reason);
    }

    private void publish() {
        status = new ServerStatus(residents.names(), residents.bytes(), loader.loads(), batches, answered, failed);
    }

    /** After an interrupt. */
    private void answerWhatIsUnderWay() {
        List<Request> theirs = loader.underWay().map(cold::take).orElse(List.of());
        cancelRest();
        theirs.forEach(cold::add);
        while (!cold.isEmpty()) {
            try {
                Message message = next(cold.untilLate(FOREVER));
                if (message instanceof Arrival arrival) {
                    forgotten.clear();
                    settle(arrival);
                } else if (message instanceof Request request) {
                    cancel(request);
                }
            } catch (InterruptedException again) {
                // told already: what is under way is answered first
            }
        }
    }

    /** Whatever ended the thread, nobody waits for ever. */
    void cancelRest() {
        List<Message> left = new ArrayList<>(backlog);
        backlog.clear();
        queue.drainTo(left);
        left.addAll(begun);
        begun.clear();
        cold.all().forEach(request -> left.addAll(cold.take(request.name())));
        for (Message message : left) {
            if (message instanceof Request request) {
                cancel(request);
            } else {
                backlog.add(message);
            }
        }
    }

    private static void cancel(Request request) {
        request.answer().completeExceptionally(new CancellationException("the adapter server was stopped"));
    }
}
