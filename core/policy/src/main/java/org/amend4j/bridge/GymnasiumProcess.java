/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.bridge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.amend4j.environment.Environment;
import org.amend4j.environment.EnvironmentBatch;
import org.amend4j.environment.Space;
import org.amend4j.environment.StepResult;
import org.amend4j.internal.validation.Checks;
import org.apache.logging.log4j.LogManager;
import org.apache.logging.log4j.Logger;

/**
 * Environments of a real Gymnasium in a Python process of their own. One line of JSON in each direction steps all rows, so that
 * many rows cost little more than one; pictures come as bytes, other numbers as doubles:
 *
 * <pre>{@code
 * try (GymnasiumProcess gymnasium = GymnasiumProcess.start("HalfCheetah-v5", 16, GymnasiumOptions.STANDARD)) {
 *     VectorEnvironment vector =
 *             new VectorEnvironment(gymnasium, Autoreset.SAME_STEP, VectorEnvironment.LONGEST_EPISODE);
 * }
 * }</pre>
 *
 * <p>Spaces are Gymnasium's Discrete and MultiDiscrete (a start other than 0 is taken off), MultiBinary, Box (in one row of
 * numbers), and Dict and Tuple of those. Every episode is
 * begun with a seed, the bits of a {@code long} without a sign; that it is a function of seed and actions is Gymnasium's
 * promise, not checked before a snapshot is restored. Time limits are Gymnasium's own. Not thread-safe.
 */
public final class GymnasiumProcess implements EnvironmentBatch {

    private static final Logger LOG = LogManager.getLogger(GymnasiumProcess.class);

    /** Of the answers; the peer's must be the same. */
    private static final int PROTOCOL = 4;

    private static final String PEER = "gymnasium_peer.py";
    private static final ObjectMapper MAPPER = new ObjectMapper();

    private final LineProcess process;
    private final int rows;
    private final Space observationSpace;
    private final Space actionSpace;
    private final List<GymnasiumReply.Leaf> leaves;
    private final OptionalInt timeLimit;
    private final OptionalDouble rewardThreshold;
    private final OptionalDouble picturesPerSecond;
    private final boolean[][] allowed;
    private boolean masked;
    private boolean warned;

    private GymnasiumProcess(LineProcess process, int rows, GymnasiumReply hello) {
        int spoken = hello.integer("protocol");
        if (spoken != PROTOCOL) {
            throw new GymnasiumException("the peer's protocol must be " + PROTOCOL + ", got " + spoken);
        }
        this.process = process;
        this.rows = rows;
        observationSpace = hello.space("observation");
        actionSpace = hello.space("action");
        leaves = hello.leaves("leaves", observationSpace.size());
        timeLimit = hello.has("limit") ? OptionalInt.of(hello.integer("limit")) : OptionalInt.empty();
        rewardThreshold =
                hello.has("threshold") ? OptionalDouble.of(hello.number("threshold")) : OptionalDouble.empty();
        picturesPerSecond = hello.has("fps") ? OptionalDouble.of(hello.number("fps")) : OptionalDouble.empty();
        allowed = new boolean[rows][0];
    }

    /**
     * Starts Python and makes the environments. Modules come from where Python is installed, from the user's own packages and
     * from whole paths in {@code PYTHONPATH}, never from the working directory.
     *
     * @param id as for {@code gymnasium.make}
     * @param rows at least 1
     * @throws GymnasiumException if Python or Gymnasium is missing, or Gymnasium does not make the environment
     */
    public static GymnasiumProcess start(String id, int rows, GymnasiumOptions options) {
        return greeted(launch(id, rows, options), rows);
    }

    /** Starts Python, and does not wait for it. */
    static LineProcess launch(String id, int rows, GymnasiumOptions options) {
        Checks.atLeast(1, "rows", rows);
        List<String> command = new ArrayList<>(options.python());
        // isolated: no module of the working directory, which may not be trusted
        command.addAll(List.of("-I", "-c", peer(), id, Integer.toString(rows), json(options.arguments())));
        return LineProcess.start(command, options.timeOut());
    }

    /** Waits until the environments are made. */
    static GymnasiumProcess greeted(LineProcess process, int rows) {
        try {
            return new GymnasiumProcess(process, rows, GymnasiumReply.of(process.receive()));
        } catch (RuntimeException e) {
            process.close();
            throw e;
        }
    }

    private static String peer() {
        try (InputStream stream = GymnasiumProcess.class.getResourceAsStream(PEER)) {
            if (stream == null) {
                throw new IllegalStateException("the resource " + PEER + " is missing");
            }
            return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String json(Object value) {
        try {
            return MAPPER.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("what is sent must be numbers, texts, booleans, got " + value, e);
        }
    }

    @Override
    public int rows() {
        return rows;
    }

    @Override
    public Space observationSpace() {
        return observationSpace;
    }

    @Override
    public Space actionSpace() {
        return actionSpace;
    }

    /** Steps after which Gymnasium's own time limit truncates an episode, where it has one. */
    public OptionalInt timeLimit() {
        return timeLimit;
    }

    /** The mean return that is registered as solved, where one is. */
    public OptionalDouble rewardThreshold() {
        return rewardThreshold;
    }

    /** How many pictures the environment takes for a second, where it says so. */
    public OptionalDouble picturesPerSecond() {
        return picturesPerSecond;
    }

    /**
     * What a row looks like now, after a reset.
     *
     * @throws GymnasiumException if it shows none: {@code render_mode} must be {@code rgb_array}, an argument of {@code gymnasium.make}
     */
    public GymnasiumPicture picture(int row) {
        ask(Map.of("picture", Checks.inRange(0, rows - 1, "row", row)));
        return answer().picture("picture");
    }

    /** A row by itself, for a single environment; must not be used along with the other rows in a vector. */
    public Environment environment(int row) {
        return row(row);
    }

    @Override
    public double[][] reset(int[] chosen, long[] seeds) {
        askToReset(chosen, seeds);
        return begun(chosen);
    }

    /** The first half of {@link #reset}; {@link #begun} must follow. */
    void askToReset(int[] chosen, long[] seeds) {
        long[] folded = Arrays.stream(seeds).map(GymnasiumProcess::seed).toArray();
        ask(Map.of("rows", chosen, "seeds", folded));
    }

    /** The second half of {@link #reset}. */
    double[][] begun(int... chosen) {
        GymnasiumReply answer = answer();
        keepMasks(chosen, answer);
        return observations(answer, chosen.length);
    }

    @Override
    public StepResult[] step(int[] chosen, double[][] actions) {
        askToStep(chosen, actions);
        return stepped(chosen);
    }

    /** The first half of {@link #step}; {@link #stepped} must follow. */
    void askToStep(int[] chosen, double[][] actions) {
        ByteBuffer block = ByteBuffer.allocate(actions.length * actionSpace.size() * Double.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        for (double[] action : actions) {
            block.asDoubleBuffer().put(action);
            block.position(block.position() + action.length * Double.BYTES);
        }
        process.send(block.array(), json(Map.of("rows", chosen)));
    }

    /** The second half of {@link #step}. */
    StepResult[] stepped(int... chosen) {
        GymnasiumReply answer = answer();
        keepMasks(chosen, answer);
        int n = chosen.length;
        double[][] observations = observations(answer, n);
        double[] rewards = answer.numbers("rewards", n);
        boolean[] terminated = answer.flags("terminated", n);
        boolean[] truncated = answer.flags("truncated", n);
        StepResult[] steps = new StepResult[n];
        for (int i = 0; i < n; i++) {
            steps[i] = new StepResult(observations[i], rewards[i], terminated[i], truncated[i]);
        }
        return steps;
    }

    /** Gymnasium's {@code action_mask}, where the environment told it with the last observation; else all are allowed. */
    @Override
    public boolean[] allowedActions(int row) {
        if (masked && allowed[row].length == 0) {
            boolean[] all = new boolean[actionSpace.flags()];
            Arrays.fill(all, true);
            return all;
        }
        return allowed[row].clone();
    }

    /** Of 32 bits: many environments take no others. Those of 32 bits are as they were. */
    static long seed(long seed) {
        return (seed ^ (seed >>> 32)) & 0xFFFFFFFFL;
    }

    /** Numbers may lie outside of bounds, as those of many environments do, and are warned about; an index must be one. */
    private double[][] observations(GymnasiumReply answer, int length) {
        double[][] observations = answer.points("observations", length, leaves);
        for (double[] observation : observations) {
            if (!observationSpace.contains(observation)) {
                requireIndices(observationSpace, observation);
                if (!warned) {
                    LOG.warn(
                            "an observation lies outside of its space, and is taken as it is: {}",
                            GymnasiumException.shortened(Arrays.toString(observation)));
                    warned = true;
                }
            }
        }
        return observations;
    }

    private static void requireIndices(Space space, double... observation) {
        if (space instanceof Space.Dict dict) {
            int at = 0;
            for (Space part : dict.parts().values()) {
                requireIndices(part, Arrays.copyOfRange(observation, at, at + part.size()));
                at += part.size();
            }
        } else if (!(space instanceof Space.Box) && !space.contains(observation)) {
            throw new GymnasiumException("an observation must lie in its space, " + space + ", got "
                    + Arrays.toString(observation) + ": the environment breaks its own rule");
        }
    }

    private void ask(Map<String, Object> question) {
        process.send(json(question));
    }

    private GymnasiumReply answer() {
        return GymnasiumReply.of(process.receive());
    }

    private void keepMasks(int[] chosen, GymnasiumReply answer) {
        int flags = actionSpace.flags();
        boolean[][] masks = answer.has("masks") && flags > 0
                ? answer.masks("masks", chosen.length, flags)
                : new boolean[chosen.length][0];
        for (int i = 0; i < chosen.length; i++) {
            allowed[chosen[i]] = masks[i];
            masked |= masks[i].length > 0;
        }
    }

    /** Whether a row has told a mask. */
    boolean isMasked() {
        return masked;
    }

    LineProcess process() {
        return process;
    }

    /** Whether the Python process runs. */
    public boolean isAlive() {
        return process.isAlive();
    }

    /** Lets Python close the environments and end; stops it, and what it started, after five seconds if it does not. */
    @Override
    public void close() {
        process.close();
    }
}
