/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.internal.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Threads that work side by side: the caller, and daemons that wait for work a little while awake (waking a thread takes longer than
 * a small step), then asleep. Who asks while they work for another does all of it alone.
 */
final class WorkerPool implements AutoCloseable {

    /** Looks for work before falling asleep: some 200 microseconds, longer than what a caller does alone between two products. */
    private static final int LOOKS = 5000;

    private final List<Member> members = new ArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicBoolean taken = new AtomicBoolean();
    private volatile @Nullable Thread waiting;
    /** Whether a thread is at work here already. */
    private final ThreadLocal<Boolean> busy = ThreadLocal.withInitial(() -> false);

    private final int size;

    /** @param size how many threads, the caller included, at least 1; the others start when there is work for them */
    WorkerPool(int size) {
        this.size = size;
    }

    int size() {
        return size;
    }

    private Member member(int index) {
        while (members.size() < index) {
            Member member = new Member(members.size() + 1);
            member.start();
            members.add(member);
        }
        return members.get(index - 1);
    }

    /**
     * Does work for the members 0 to count - 1, each on a thread of its own; returns when all are done, and throws what the first
     * of them has thrown. Within such work, or during another's, it is done by the asking thread alone, one member's after the other's.
     *
     * @param count in [1, size]
     */
    void run(int count, IntConsumer work) {
        if (busy.get() || !taken.compareAndSet(false, true)) {
            IntStream.range(0, count).forEach(work);
            return;
        }
        try {
            runTogether(count, work);
        } finally {
            taken.set(false);
        }
    }

    private void runTogether(int count, IntConsumer work) {
        open.set(count - 1);
        for (int index = 1; index < count; index++) {
            member(index).give(work);
        }
        attempt(work, 0);
        await();
        Throwable thrown = failure.getAndSet(null);
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
        }
    }

    /**
     * Does units of work that depend on no other, each by whoever is free; as {@link #run} otherwise.
     *
     * @param units how many, from 0 on
     */
    void share(int units, IntConsumer work) {
        AtomicInteger next = new AtomicInteger();
        run(Math.min(size, Math.max(1, units)), member -> {
            for (int unit = next.getAndIncrement(); unit < units; unit = next.getAndIncrement()) {
                work.accept(unit);
            }
        });
    }

    private void attempt(IntConsumer work, int index) {
        busy.set(true);
        try {
            work.accept(index);
        } catch (RuntimeException | Error thrown) {
            failure.compareAndSet(null, thrown);
        } finally {
            busy.set(false);
        }
    }

    /** The memory that the others write is the caller's: an interrupt waits, too. */
    private void await() {
        for (int look = 0; look < LOOKS && open.get() > 0; look++) {
            Thread.onSpinWait();
        }
        if (open.get() == 0) {
            return;
        }
        boolean interrupted = false;
        waiting = Thread.currentThread();
        while (open.get() > 0) {
            LockSupport.park(this);
            interrupted |= Thread.interrupted();
        }
        waiting = null;
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        members.forEach(Member::dismiss);
    }

    private final class Member extends Thread {

        private final int index;
        private volatile @Nullable IntConsumer work;
        private volatile boolean asleep;
        private volatile boolean dismissed;

        Member(int index) {
            super("amend4j-host-" + index);
            this.index = index;
            setDaemon(true);
        }

        void give(IntConsumer given) {
            work = given;
            if (asleep) {
                LockSupport.unpark(this);
            }
        }

        void dismiss() {
            dismissed = true;
            LockSupport.unpark(this);
        }

        @Override
        public void run() {
            for (IntConsumer next = next(); next != null; next = next()) {
                work = null;
                attempt(next, index);
                done();
            }
        }

        private void done() {
            if (open.decrementAndGet() == 0) {
                Thread caller = waiting;
                if (caller != null) {
                    LockSupport.unpark(caller);
                }
            }
        }

        /** Null when there will be none. */
        private @Nullable IntConsumer next() {
            for (int look = 0; look < LOOKS; look++) {
                IntConsumer given = work;
                if (given != null) {
                    return given;
                }
                Thread.onSpinWait();
            }
            asleep = true;
            IntConsumer given = work;
            while (given == null && !dismissed) {
                LockSupport.park(WorkerPool.this);
                given = work;
            }
            asleep = false;
            return given;
        }
    }
}
