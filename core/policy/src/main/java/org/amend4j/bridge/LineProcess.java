/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A process spoken to in lines, perhaps with a block of bytes before, which answers each with such a one. Two threads read its output, so that
 * nothing waits longer than the time-out.
 */
final class LineProcess implements AutoCloseable {

    private static final long SECONDS_TO_END = 5;

    /** With an answer that an interrupted thread waits for. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** Bytes of an answer's line, and of its block: a thousand pictures have a tenth of it. */
    private static final int LONGEST_ANSWER = 1 << 28;

    /** Bytes of a complaint that are kept before it is shortened. */
    private static final int LONGEST_COMPLAINT = 1 << 16;

    private final Process process;
    private final OutputStream input;
    private final Duration timeOut;

    /** An answer that was not asked for waits until it is, so a process that talks on and on waits, too. */
    private final BlockingQueue<Optional<Message>> answers = new ArrayBlockingQueue<>(1);

    private final Thread answerReader;
    private final Thread complaintReader;
    private volatile String lastComplaint = "";
    private volatile String obstacle = "";
    private long asked = System.nanoTime();
    private boolean closed;

    private LineProcess(Process process, Duration timeOut, int longest) {
        this.process = process;
        this.timeOut = timeOut;
        input = new BufferedOutputStream(process.getOutputStream());
        answerReader = thread("output", () -> readAnswers(BoundedLines.strict(process.getInputStream(), longest)));
        complaintReader =
                thread("errors", () -> readComplaints(BoundedLines.cut(process.getErrorStream(), LONGEST_COMPLAINT)));
    }

    static LineProcess start(List<String> command, Duration timeOut) {
        return start(command, timeOut, LONGEST_ANSWER);
    }

    /** With lines and blocks of so many bytes at most. */
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

    /**
     * What a process says at once.
     *
     * @param block empty if there was none
     */
    @SuppressWarnings("ArrayRecordComponent") // handed over
    record Message(String line, byte[] block) {}

    private static Thread thread(String what, Runnable reading) {
        Thread thread = new Thread(reading);
        thread.setName("gymnasium-" + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }

    private void readAnswers(BoundedLines told) {
        try {
            try {
                for (Optional<Message> next = message(told); next.isPresent(); next = message(told)) {
                    answers.put(next);
                }
            } catch (BoundedLines.TooLongException e) {
                obstacle = String.valueOf(e.getMessage());
            } catch (IOException e) {
                complain("reading failed: " + e.getMessage());
            }
            answers.put(Optional.empty());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // closed: no caller asks any more
        }
    }

    private static Optional<Message> message(BoundedLines told) throws IOException {
        byte[] block = told.block();
        return told.next().map(line -> new Message(line, block));
    }

    private void readComplaints(BoundedLines told) {
        try {
            for (Optional<String> line = told.next(); line.isPresent(); line = told.next()) {
                complain(line.get());
            }
        } catch (IOException e) {
            complain("reading failed: " + e.getMessage());
        }
    }

    private void complain(String line) {
        if (!line.isBlank()) {
            lastComplaint = GymnasiumException.shortened(line.strip());
        }
    }

    /** Sends one line; the time of its answer begins. */
    void send(String line) {
        send(new byte[0], line);
    }

    /** Sends one line, and a block of bytes before it if there are any. */
    void send(byte[] block, String line) {
        if (closed) {
            throw new GymnasiumException("Gymnasium's process was closed");
        }
        asked = System.nanoTime();
        try {
            if (block.length > 0) {
                input.write(0);
                input.write(
                        ByteBuffer.allocate(Integer.BYTES).putInt(block.length).array());
                input.write(block);
            }
            input.write(line.getBytes(StandardCharsets.UTF_8));
            input.write('\n');
            input.flush();
        } catch (IOException e) {
            throw ended(e);
        }
    }

    /** Waits for an answer. An interrupted thread gets it all the same, if it comes soon, and stays interrupted. */
    Message receive() {
        long end = asked + timeOut.toNanos();
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

    private Message next(long end) throws InterruptedException {
        @SuppressWarnings("NullAway") // null after the time-out
        Optional<Message> answer = answers.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
        if (answer == null) {
            stop();
            throw new GymnasiumException(
                    "Gymnasium's process must answer within " + timeOut.toMillis() + " ms, and was stopped");
        }
        if (answer.isEmpty()) {
            answers.add(answer);
            if (!obstacle.isEmpty()) {
                stop();
                throw new GymnasiumException("Gymnasium's process was stopped: of its answers, " + obstacle);
            }
            throw ended(null);
        }
        return answer.get();
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

    /** Ends several, which do so at the same time. */
    static void closeAll(List<LineProcess> processes) {
        processes.forEach(LineProcess::endInput);
        processes.forEach(LineProcess::close);
    }

    private void endInput() {
        try {
            input.close();
        } catch (IOException e) {
            lastComplaint = "closing failed: " + e.getMessage();
        }
    }

    /** Ends its input, upon which it should end; if it does not, it is stopped. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        endInput();
        try {
            if (!process.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                stop();
            }
        } catch (InterruptedException e) {
            stop();
            Thread.currentThread().interrupt();
        }
        answerReader.interrupt();
    }

    boolean isAlive() {
        return process.isAlive();
    }
}
