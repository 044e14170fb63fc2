/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.many;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.amend4j.internal.validation.Checks;
import org.amend4j.model.BaseModel;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.memory.MemoryWorkspace;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Outputs of one base with many adapters, for any number of threads. Adapters are loaded when first asked for and kept within a memory
 * budget; the least recently used makes room. Requests that come within a short time, for whatever adapters, are computed as one batch.
 *
 * <p>One thread of the server's computes and loads. Requests that find too many waiting, or wait too long, fail. What fails, an adapter that is missing or rows that do not fit the network, fails its
 * own requests alone. Continuations of a future that are not {@code Async} run on that thread and hold the others up.
 *
 * <p>For networks with one input; the answer is the first output.
 */
public final class AdapterServer implements AutoCloseable {

    /** Tells the computing thread that no request follows. */
    private static final Request END = new Request("", Nd4j.empty(), 0, 0, new CompletableFuture<>());

    private final ServerLimits limits;
    private final AdapterSet set;
    private final Residents residents;
    private final BlockingQueue<Request> queue = new LinkedBlockingQueue<>();
    private final Set<String> forgotten = ConcurrentHashMap.newKeySet();
    private final Object submitting = new Object();
    private final Thread worker;
    private boolean closed;
    private volatile ServerStatus status = new ServerStatus(List.of(), 0, 0, 0, 0, 0);
    private long batches;
    private long answered;
    private long failed;

    /**
     * Starts a server.
     *
     * @param source of the adapters; {@link AdapterSource#of(Path)} is a directory
     */
    public AdapterServer(BaseModel base, AdapterSource source, ServerLimits limits) {
        this.limits = Checks.present("the limits", limits);
        this.set = new AdapterSet(base);
        this.residents = new Residents(set, Checks.present("the source", source), limits.bytes());
        this.worker = new Thread(this::serve, "amend4j-adapter-server");
        worker.setDaemon(true);
        worker.start();
    }

    /**
     * Asks for the outputs of some rows.
     *
     * @param name of the adapter, or {@link AdapterSet#BASE}
     * @param features [rows, ...], at least one row; not to be changed before the answer is there
     * @return the first output, [rows, ...]; or an {@link UnavailableAdapterException}, what the network throws for such features, a
     *     {@link RejectedExecutionException} if too many requests wait, a {@link TimeoutException} if it waited too long, or a
     *     {@link CancellationException} if the server was stopped before
     * @throws IllegalStateException if the server is closed
     */
    public CompletableFuture<INDArray> submit(String name, INDArray features) {
        Checks.present("the name of an adapter", name);
        if (Checks.present("the features", features).rank() < 2 || features.size(0) < 1) {
            throw new IllegalArgumentException("features must be [rows, ...] with at least one row, got rank "
                    + features.rank() + " and " + features.length() + " values");
        }
        INDArray own = features.isAttached() ? features.detach() : features;
        long now = System.nanoTime();
        CompletableFuture<INDArray> answer = new CompletableFuture<>();
        synchronized (submitting) {
            if (closed) {
                throw new IllegalStateException("the adapter server is closed");
            }
            if (queue.size() >= limits.waiting()) {
                answer.completeExceptionally(new RejectedExecutionException(
                        "the adapter server has " + limits.waiting() + " requests that wait, and takes no more now"));
                return answer;
            }
            queue.add(new Request(
                    name,
                    own,
                    now + limits.patience().toNanos(),
                    now + limits.deadline().toNanos(),
                    answer));
        }
        return answer;
    }

    /** Lets an adapter be loaded anew when it is next asked for, since its file has changed, say. */
    public void reload(String name) {
        forgotten.add(Checks.present("the name of an adapter", name));
    }

    /** How it stands, not before the answers that were given. */
    public ServerStatus status() {
        return status;
    }

    /**
     * Takes no more requests, answers those that it has, and stops. If the calling thread is interrupted, what was not begun is
     * cancelled instead.
     */
    @Override
    public void close() {
        synchronized (submitting) {
            if (!closed) {
                closed = true;
                queue.add(END);
            }
        }
        if (Thread.currentThread() == worker) {
            return; // in a continuation: the rest is answered after it
        }
        try {
            worker.join();
        } catch (InterruptedException e) {
            worker.interrupt();
            Thread.currentThread().interrupt();
        }
    }

    @SuppressWarnings("ReferenceEquality") // there is one end
    private static boolean isEnd(Request request) {
        return request == END;
    }

    private void serve() {
        List<Request> batch = new ArrayList<>();
        @Nullable Request next = null;
        try {
            next = queue.take();
            while (next != null && !isEnd(next)) {
                batch.add(next);
                next = collect(batch);
                answer(batch);
                batch.clear();
                if (Thread.interrupted()) {
                    if (next != null) {
                        batch.add(next);
                    }
                    throw new InterruptedException("the adapter server");
                }
                next = next == null ? queue.take() : next;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            if (next != null && !isEnd(next)) {
                batch.add(next); // to answer twice does nothing
            }
            stop(batch);
        }
    }

    /**
     * Adds what comes in time to a batch of one request.
     *
     * @return a request that no longer fits in, or the end, if that is why the batch is complete
     */
    private @Nullable Request collect(List<Request> batch) throws InterruptedException {
        long rows = batch.get(0).rows();
        long due = batch.get(0).due();
        while (rows < limits.rows()) {
            Request next = queue.poll(due - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (next == null) {
                return null;
            }
            if (isEnd(next) || rows + next.rows() > limits.rows()) {
                return next;
            }
            batch.add(next);
            rows += next.rows();
        }
        return null;
    }

    /** Whatever ended the thread, nobody waits for ever. */
    private void stop(List<Request> begun) {
        synchronized (submitting) {
            closed = true;
        }
        List<Request> left = new ArrayList<>(begun);
        queue.drainTo(left);
        left.removeIf(AdapterServer::isEnd);
        left.forEach(request ->
                request.answer().completeExceptionally(new CancellationException("the adapter server was stopped")));
    }

    private void answer(List<Request> batch) {
        Set.copyOf(forgotten).forEach(name -> {
            forgotten.remove(name);
            residents.drop(name);
        });
        batch.stream().filter(Request::isLate).forEach(this::failLate);
        List<Request> waiting =
                batch.stream().filter(request -> !request.answer().isDone()).toList();
        while (!waiting.isEmpty()) {
            List<Request> later = new ArrayList<>();
            Map<Request.Kind, List<Request>> together = new LinkedHashMap<>();
            for (Request request : obtainable(waiting, later)) {
                together.computeIfAbsent(request.kind(), none -> new ArrayList<>())
                        .add(request);
            }
            together.values().forEach(this::compute);
            waiting = later;
        }
    }

    /** Requests whose adapters are in memory together; those of others are for later, and what cannot be had has failed. */
    private List<Request> obtainable(List<Request> requests, Collection<Request> later) {
        List<Request> now = new ArrayList<>();
        Set<String> needed = new LinkedHashSet<>();
        Set<String> tooMany = new LinkedHashSet<>();
        Map<String, UnavailableAdapterException> unavailable = new LinkedHashMap<>();
        for (Request request : requests) {
            String name = request.name();
            UnavailableAdapterException known = unavailable.get(name);
            if (known != null) {
                fail(request, known);
                continue;
            }
            try {
                if (!tooMany.contains(name) && residents.obtain(name, Collections.unmodifiableSet(needed))) {
                    needed.add(name);
                    now.add(request);
                } else {
                    tooMany.add(name);
                    later.add(request);
                }
            } catch (UnavailableAdapterException e) {
                unavailable.put(name, e);
                fail(request, e);
            }
        }
        return now;
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
        status = new ServerStatus(residents.names(), residents.bytes(), residents.loads(), batches, answered, failed);
    }
}
