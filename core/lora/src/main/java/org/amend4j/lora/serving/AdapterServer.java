/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.nio.file.Path;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.amend4j.internal.validation.Checks;
import org.amend4j.model.BaseModel;
import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Outputs of one base with many adapters, for any number of threads. Adapters are loaded when first asked for and kept within a memory
 * budget; the least recently used makes room. Requests that come within a short time, for whatever adapters, are computed as one batch.
 *
 * <p>One thread of the server's computes, another loads one adapter after the other. Requests for an adapter that is being loaded wait for it,
 * others do not, but for the patience of a batch. Requests that find too many waiting, or wait too long, fail. What fails, an adapter that is missing or rows that do not fit the network, fails its
 * own requests alone. Continuations of a future that are not {@code Async} run on the computing thread and hold the others up.
 *
 * <p>For networks with one input; the answer is the first output.
 */
public final class AdapterServer implements AutoCloseable {

    private final ServerLimits limits;
    private final BlockingQueue<Message> queue = new LinkedBlockingQueue<>();
    private final AtomicInteger waiting = new AtomicInteger();
    private final ServerLoop loop;
    private final Object submitting = new Object();
    private final Thread worker;
    private boolean closed;

    /**
     * Starts a server.
     *
     * @param source of the adapters; {@link AdapterSource#of(Path)} is a directory
     */
    public AdapterServer(BaseModel base, AdapterSource source, ServerLimits limits) {
        this.limits = Checks.present("the limits", limits);
        AdapterSet set = new AdapterSet(base);
        AdapterLoader loader = new AdapterLoader(base, Checks.present("the source", source), queue::add);
        this.loop = new ServerLoop(limits, set, loader, queue, waiting);
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
            if (waiting.get() >= limits.waiting()) {
                answer.completeExceptionally(new RejectedExecutionException(
                        "the adapter server has " + limits.waiting() + " requests that wait, and takes no more now"));
                return answer;
            }
            waiting.incrementAndGet();
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
        loop.forget(Checks.present("the name of an adapter", name));
    }

    /** How it stands, not before the answers that were given. */
    public ServerStatus status() {
        return loop.status();
    }

    /**
     * Takes no more requests, answers those that it has, and stops. If the calling thread is interrupted, what was not begun is
     * cancelled instead. What waits for an adapter that does not come fails at its deadline.
     */
    @Override
    public void close() {
        synchronized (submitting) {
            if (!closed) {
                closed = true;
                queue.add(Message.End.END);
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

    private void serve() {
        try {
            loop.run();
        } finally {
            synchronized (submitting) {
                closed = true;
            }
            loop.cancelRest();
        }
    }
}
