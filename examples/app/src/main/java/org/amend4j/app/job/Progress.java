/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.job;

import java.io.PrintWriter;
import java.io.Writer;
import java.time.Duration;
import java.util.Locale;
import java.util.function.LongSupplier;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Shows on standard error how far a job is: a moving bar if that is a terminal; otherwise a line at the end of each stage,
 * and at growing intervals before, if it takes long.
 */
public final class Progress {

    /** After which a stage off a terminal says how far it is, then after twice that, and so on. */
    private static final Duration SILENCE = Duration.ofSeconds(10);

    private final PrintWriter err;
    private final boolean terminal;
    private final LongSupplier nanoseconds;

    /** With a clock of its own. */
    Progress(PrintWriter err, boolean terminal, LongSupplier nanoseconds) {
        this.err = err;
        this.terminal = terminal;
        this.nanoseconds = nanoseconds;
    }

    /** Bars only if the launcher found a terminal behind standard error. */
    public static Progress to(PrintWriter err) {
        return new Progress(err, Boolean.getBoolean("amend4j.terminal"), System::nanoTime);
    }

    /** Shown nowhere: for work in another process, with the user elsewhere. */
    public static Progress silent() {
        return new Progress(new PrintWriter(Writer.nullWriter()), false, System::nanoTime);
    }

    /** One line. */
    public void say(String line) {
        err.println(Sentence.printable(line));
        err.flush();
    }

    /**
     * Starts a stage; close it when it is over. One that is closed before it has made its steps has failed or was stopped,
     * and is not reported as done.
     *
     * @param steps -1 if unknown: the stage is done when it says so
     */
    public Stage stage(String name, long steps) {
        return new Stage(name, steps);
    }

    /** One part of a job. */
    public final class Stage implements AutoCloseable {

        private final String name;
        private final long steps;
        private final long start = nanoseconds.getAsLong();
        private final @org.jspecify.annotations.Nullable ProgressBar bar;
        private long done;
        private String note = "";
        private boolean finished;
        private long silence = SILENCE.toNanos();

        private Stage(String name, long steps) {
            this.name = name;
            this.steps = steps;
            this.bar = terminal ? bar(name, steps) : null;
        }

        private static ProgressBar bar(String name, long steps) {
            return new ProgressBarBuilder()
                    .setTaskName(name)
                    .setInitialMax(steps)
                    .setStyle(ProgressBarStyle.ASCII)
                    .setUpdateIntervalMillis(200)
                    .setMaxRenderedLength(110)
                    .build();
        }

        /** So many more steps are done. */
        public void step(long count) {
            done += count;
            if (bar != null) {
                bar.stepBy(count);
            } else if (nanoseconds.getAsLong() - start >= silence && !isDone()) {
                silence = 2 * (nanoseconds.getAsLong() - start);
                milestone();
            }
        }

        /** Something worth a line off a terminal is reached before the end; a handful of times in a stage. */
        public void milestone() {
            if (bar == null && !isDone()) {
                say(name + ": " + done + (steps > 0 ? " of " + steps : "") + " after " + soFar());
            }
        }

        /** All is done, however many steps that were. */
        public void finish() {
            finished = true;
        }

        private boolean isDone() {
            return finished || (steps >= 0 && done >= steps);
        }

        /** The time, and what is worth saying. */
        private String soFar() {
            double seconds = Duration.ofNanos(nanoseconds.getAsLong() - start).toMillis() / 1000.0;
            return String.format(Locale.ROOT, "%.1f s%s", seconds, note.isEmpty() ? "" : ", " + note);
        }

        /** So many steps are done in all. */
        public void reach(long total) {
            step(total - done);
        }

        /** Shows a note next to the bar, such as the loss; the last note is the stage's result. */
        public void note(String text) {
            note = text;
            if (bar != null) {
                bar.setExtraMessage(text);
            }
        }

        @Override
        public void close() {
            if (bar != null) {
                bar.close();
            } else if (isDone()) {
                say(name + ": " + soFar());
            }
        }
    }
}
