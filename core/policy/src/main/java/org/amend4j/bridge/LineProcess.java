/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** A process spoken to in lines. Two threads read its output, so that nothing waits longer than the time-out. */
final class LineProcess implements AutoCloseable {

    private static final long SECONDS_TO_END = 5;

    /** With an answer that an interrupted thread waits for. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Characters of an answer: observations of a thousand pictures have a tenth of it. */
    private static final int LONGEST_ANSWER = 1 << 28;

    /** Characters of a complaint that are kept before it is shortened. */
    private static final int LONGEST_COMPLAINT = 1 << 16;

    private final Process process;
    private final Writer input;
    private final Duration timeOut;
    private final BlockingQueue<Optional<String>> lines = new LinkedBlockingQueue<>();
    private final Thread complaintReader;
    private volatile String lastComplaint = "";
    private volatile String obstacle = "";
    private boolean closed;

    private LineProcess(Process process, Duration timeOut, int longest) {
        this.process = process;
        this.timeOut = timeOut;
        input = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8);
        reader(
                "output",
                process.getInputStream(),
                text -> BoundedLines.strict(text, longest),
                line -> lines.add(Optional.of(line)),
                () -> lines.add(Optional.empty()));
        complaintReader = reader(
                "errors",
                process.getErrorStream(),
                text -> BoundedLines.cut(text, LONGEST_COMPLAINT),
                this::complain,
                () -> {});
    }

    static LineProcess start(List<String> command, Duration timeOut) {
        return start(command, timeOut, LONGEST_ANSWER);
    }

    /** With answers of so many characters at most. */
    static LineProcess start(List<String> command, Duration timeOut, int longest) {
        try {
            return new LineProcess(new ProcessBuilder(command).start(), timeOut, longest);
        } catch (IOException e) {
            throw GymnasiumException.noPython(
                    "Python must be installed: '" + command.get(0) + "' cannot be started (" + e.getMessage()
                            + "): 'apt-get install python3' and 'pip install gymnasium' bring what is needed, and another Python can be named",
                    e);
        }
    }

    private interface LineUser {
        void use(String line);
    }

    private Thread reader(
            String what, InputStream stream, Function<Reader, BoundedLines> divided, LineUser user, Runnable atEnd) {
        Thread thread = new Thread(() -> {
            try (Reader reader = new InputStreamReader(stream, StandardCharsets.UTF_8)) {
                BoundedLines told = divided.apply(reader);
                for (Optional<String> line = told.next(); line.isPresent(); line = told.next()) {
                    user.use(line.get());
                }
            } catch (BoundedLines.TooLongException e) {
                obstacle = String.valueOf(e.getMessage());
            } catch (IOException e) {
                user.use("reading failed: " + e.getMessage());
            } finally {
                atEnd.run();
            }
        });
        thread.setName("gymnasium-" + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void complain(String line) {
        if (!line.isBlank()) {
            lastComplaint = GymnasiumException.shortened(line.strip());
        }
    }

    /** Sends one line and waits for one. */
    String exchange(String line) {
        if (closed) {
            throw new GymnasiumException("Gymnasium's process was closed");
        }
        try {
            input.write(line);
            input.write('\n');
            input.flush();
        } catch (IOException e) {
            throw ended(e);
        }
        return receive();
    }

    /** Waits for one. An interrupted thread gets the answer all the same, if it comes soon, and stays interrupted. */
    String receive() {
        long end = System.nanoTime() + timeOut.toNanos();
        boolean interrupted = Thread.interrupted();
        try {
            while (true) {
                try {
                    return next(interrupted ? Math.min(end, System.nanoTime() + PATIENCE.toNanos()) : end);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private String next(long end) throws InterruptedException {
        @SuppressWarnings("NullAway") // null after the time-out
        Optional<String> line = lines.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (line == null) {
            stop();
            throw new GymnasiumException(
                    "Gymnasium's process must answer within " + timeOut.toMillis() + " ms, and was stopped");
        }
        if (line.isEmpty()) {
            lines.add(line);
            if (!obstacle.isEmpty()) {
                stop();
                throw new GymnasiumException("Gymnasium's process was stopped: of its answers, " + obstacle);
            }
            throw ended(null);
        }
        return line.get();
    }

    /** With all that it started. */
    private void stop() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }

    /** Why it ended, as far as it said. */
    private GymnasiumException ended(@Nullable Throwable cause) {
        String code = "still running";
        try {
            if (process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                code = "exit code " + process.exitValue();
            }
            complaintReader.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        String said = lastComplaint.isEmpty() ? "" : ": " + lastComplaint;
        String sentence = "Gymnasium's process ended (" + code + ")" + said;
        return cause == null ? new GymnasiumException(sentence) : new GymnasiumException(sentence, cause);
    }

    /** Ends its input, upon which it should end; if it does not, it is stopped. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        try {
            input.close();
        } catch (IOException e) {
            lastComplaint = "closing failed: " + e.getMessage();
        }
        try {
            if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                stop();
            }
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
        }
    }

    boolean isAlive() {
        return process.isAlive();
    }
}
