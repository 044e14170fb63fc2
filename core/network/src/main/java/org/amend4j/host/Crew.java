/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.host;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Threads that work side by side: the caller, and daemons that wait for work a little while awake (waking a thread takes longer than
 * a small step), then asleep. One caller at a time.
 */
final class Crew implements AutoCloseable {

    /** Looks for work before falling asleep: some 50 microseconds. */
    private static final int LOOKS = 1000;

    private static final IntConsumer STOP = member -> {};

    private final List<Member> members = new ArrayList<>();
    private final AtomicInteger open = new AtomicInteger();
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private volatile @Nullable Thread waiting;

    /** @param size how many threads, the caller included, at least 1 */
    Crew(int size) {
        for (int index = 1; index < size; index++) {
            Member member = new Member(index);
            member.start();
            members.add(member);
        }
    }

    int size() {
        return members.size() + 1;
    }

    /**
     * Does work for the members 0 to count - 1, each on a thread of its own; returns when all are done, and throws what the first
     * of them has thrown.
     *
     * @param count in [1, size]
     */
    void run(int count, IntConsumer work) {
        open.set(count - 1);
        for (int index = 1; index < count; index++) {
            members.get(index - 1).give(work);
        }
        try {
            work.accept(0);
        } catch (RuntimeException | Error thrown) {
            failure.compareAndSet(null, thrown);
        }
        await();
        Throwable thrown = failure.getAndSet(null);
        if (thrown instanceof Error error) {
            throw error;
        }
        if (thrown instanceof RuntimeException exception) {
            throw exception;
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
        members.forEach(member -> member.give(STOP));
    }

    private final class Member extends Thread {

        private final int index;
        private volatile @Nullable IntConsumer work;
        private volatile boolean asleep;

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

        @Override
        public void run() {
            for (IntConsumer next = next(); next != STOP; next = next()) {
                work = null;
                try {
                    next.accept(index);
                } catch (RuntimeException | Error thrown) {
                    failure.compareAndSet(null, thrown);
                } finally {
                    done();
                }
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

        private IntConsumer next() {
            for (int look = 0; look < LOOKS; look++) {
                IntConsumer given = work;
                if (given != null) {
                    return given;
                }
                Thread.onSpinWait();
            }
            asleep = true;
            IntConsumer given = work;
            while (given == null) {
                LockSupport.park(Crew.this);
                given = work;
            }
            asleep = false;
            return given;
        }
    }
}
