/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.objective;

import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Threads for jobs of less than a millisecond that follow one another, as the steps of a descent do. A thread of the common pool goes
 * to sleep between two such jobs, and to wake it takes as long as its part of the job; these look out for the next job for
 * {@value #AWAKE_NANOS} ns before they sleep. The caller takes parts as well, and does not wait for those who sleep.
 *
 * <p>Thread-safe: whoever comes while the team is at work does the job alone.
 */
final class ThreadTeam {

    /** How long an idle thread stays awake: longer than what descents do between two gradients. */
    private static final long AWAKE_NANOS = 200_000;

    /** Looks at an unfinished job before the caller leaves its processor to whoever has the last part: threads may outnumber processors. */
    private static final int LOOKS = 10_000;

    private static final long NAP_NANOS = 20_000;

    /** What a job consists of. */
    @FunctionalInterface
    interface Work {

        /**
         * Does a part.
         *
         * @param thread which of the team's threads this is, below {@link #size}: for what each has of its own during a job
         * @param part its number
         */
        void part(int thread, int part);
    }

    private static final class OfThisProcess {
        private static final ThreadTeam TEAM = new ThreadTeam(
                Runtime.getRuntime().availableProcessors() == 1 ? 0 : ForkJoinPool.getCommonPoolParallelism());
    }

    private final Member[] members;
    private final AtomicBoolean atWork = new AtomicBoolean();

    /** Empty between jobs, so that idle threads hold on to no job's data. */
    private volatile Optional<Job> job = Optional.empty();

    /** Starts threads, which do not keep the process alive. */
    ThreadTeam(int others) {
        members = new Member[others];
        for (int i = 0; i < others; i++) {
            members[i] = new Member(i + 1);
            members[i].start();
        }
    }

    /** The team of this process: as many as the common pool has, which users can set. */
    static ThreadTeam ofThisProcess() {
        return OfThisProcess.TEAM;
    }

    /** The threads that may work on a job, the caller included. */
    int size() {
        return members.length + 1;
    }

    /**
     * Does all parts of a job, in any order and each once, and returns when they are done.
     *
     * @param parts how many parts there are
     * @param work does the part of a number from 0 to {@code parts - 1}
     * @throws RuntimeException what one of the parts threw; an {@code Error} likewise
     */
    void run(int parts, Work work) {
        if (members.length == 0 || parts <= 1 || !atWork.compareAndSet(false, true)) {
            for (int part = 0; part < parts; part++) {
                work.part(0, part);
            }
            return;
        }
        Job now = new Job(parts, work);
        try {
            job = Optional.of(now);
            for (int i = 0; i < members.length && i < parts - 1; i++) {
                members[i].wake();
            }
            now.takeParts(0);
            now.awaitEnd();
        } finally {
            job = Optional.empty();
            atWork.set(false);
        }
        now.rethrow();
    }

    /** One job: who is free takes the next part. */
    private static final class Job {
        private final int parts;
        private final Work work;
        private final AtomicInteger taken = new AtomicInteger();
        private final AtomicInteger unfinished;
        private volatile Optional<Throwable> failure = Optional.empty();

        Job(int parts, Work work) {
            this.parts = parts;
            this.work = work;
            this.unfinished = new AtomicInteger(parts);
        }

        boolean hasMore() {
            return taken.get() < parts;
        }

        void takeParts(int thread) {
            for (int part = taken.getAndIncrement(); part < parts; part = taken.getAndIncrement()) {
                try {
                    work.part(thread, part);
                } catch (RuntimeException | Error thrown) {
                    failure = Optional.of(thrown);
                } finally {
                    unfinished.getAndDecrement();
                }
            }
        }

        void awaitEnd() {
            for (int look = 0; unfinished.get() > 0; look++) {
                if (look < LOOKS) {
                    Thread.onSpinWait();
                } else {
                    LockSupport.parkNanos(this, NAP_NANOS);
                }
            }
        }

        void rethrow() {
            Throwable thrown = failure.orElse(null);
            if (thrown instanceof RuntimeException exception) {
                throw exception;
            }
            if (thrown instanceof Error error) {
                throw error;
            }
        }
    }

    /** Takes parts of jobs for ever. */
    private final class Member extends Thread {
        private final int number;
        private volatile boolean asleep;

        Member(int number) {
            super(null, null, "amend4j-team-" + number, 0, false);
            this.number = number;
            setDaemon(true);
            setContextClassLoader(null);
        }

        void wake() {
            if (asleep) {
                LockSupport.unpark(this);
            }
        }

        @Override
        public void run() {
            long idleSince = System.nanoTime();
            while (true) {
                Optional<Job> now = job;
                if (now.isPresent() && now.get().hasMore()) {
                    now.get().takeParts(number);
                    idleSince = System.nanoTime();
                } else if (System.nanoTime() - idleSince < AWAKE_NANOS) {
                    Thread.onSpinWait();
                } else {
                    sleep();
                    idleSince = System.nanoTime();
                }
            }
        }

        /** Until there is a job: {@code asleep} is told before the last look, so that a job that comes now is not missed. */
        private void sleep() {
            asleep = true;
            while (job.filter(Job::hasMore).isEmpty()) {
                LockSupport.park(ThreadTeam.this);
            }
            asleep = false;
        }
    }
}
