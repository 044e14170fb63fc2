package org.amend4j.examples.job;

import java.io.PrintWriter;
import java.time.Duration;
import me.tongfei.progressbar.ProgressBar;
import me.tongfei.progressbar.ProgressBarBuilder;
import me.tongfei.progressbar.ProgressBarStyle;

/**
 * Tells on standard error how far a job is: a bar that moves if that is a terminal, otherwise a line when a stage is over.
 */
public final class Progress {

    private final PrintWriter err;
    private final boolean terminal;

    private Progress(PrintWriter err, boolean terminal) {
        this.err = err;
        this.terminal = terminal;
    }

    /** Bars only if the launcher found a terminal behind standard error. */
    public static Progress to(PrintWriter err) {
        return new Progress(err, Boolean.getBoolean("amend4j.terminal"));
    }

    /** One line. */
    public void say(String line) {
        err.println(line);
        err.flush();
    }

    /** Starts a stage; close it when it is over. The number of steps is -1 if nobody knows it. */
    public Stage stage(String name, long steps) {
        return new Stage(name, steps);
    }

    /** One part of a job. */
    public final class Stage implements AutoCloseable {

        private final String name;
        private final long steps;
        private final long start = System.nanoTime();
        private final @org.jspecify.annotations.Nullable ProgressBar bar;
        private long done;
        private String note = "";

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
            }
        }

        /** So many steps are done in all. */
        public void reach(long total) {
            step(total - done);
        }

        /** What is worth saying beside the bar, such as the loss; the last note is the stage's result. */
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
            } else if (done >= steps) {
                double seconds = Duration.ofNanos(System.nanoTime() - start).toMillis() / 1000.0;
                say(String.format(
                        java.util.Locale.ROOT, "%s: %.1f s%s", name, seconds, note.isEmpty() ? "" : ", " + note));
            }
        }
    }
}
