/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.amend4j.internal.digest.Sha256;
import org.amend4j.internal.file.AtomicFile;
import org.amend4j.internal.file.Folders;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.deeplearning4j.util.ModelSerializer;

/**
 * A saved policy: a directory with {@value #RECORD} and what that names, either a graph (a zip that Deeplearning4j's
 * {@code ModelSerializer} also reads) or the folder of an adapter (which PEFT also reads). The record holds the
 * distribution, its free parameters, the encoder with its statistics and the environment's name.
 *
 * <p>Networks are named after their content, and the record is replaced last: whenever the machine stops, the directory holds
 * either the old or the new policy. Reading is strict; every error is reported in one sentence. A record names kinds, never
 * classes: {@link PolicyKinds} defines them, and callers can add their own distributions and encoders.
 */
public final class PolicyFile {

    /** Name of the record. */
    public static final String RECORD = "policy.json";

    private static final int NAME_DIGITS = 16;

    private PolicyFile() {}

    /** Saves a policy of {@linkplain PolicyKinds#STANDARD known kinds}, over an older one if there is one. */
    public static void write(Path directory, SavedPolicy saved) throws IOException {
        write(directory, saved, PolicyKinds.STANDARD);
    }

    /**
     * Saves a policy, over an older one if there is one.
     *
     * @param directory created if missing; other files in it are left alone
     * @param kinds with those of the policy's distribution and encoder
     * @throws IllegalArgumentException if a parameter is not finite, or the distribution or encoder is of no kind; nothing is
     *     written
     * @throws IOException if it cannot be written; an older policy is then as it was
     */
    public static void write(Path directory, SavedPolicy saved, PolicyKinds kinds) throws IOException {
        Policy policy = saved.policy();
        PassRules.requireFinite(policy.parameters());
        String digest = GraphParameters.digest(policy.network().parameters());
        boolean adapted = saved.network() instanceof SavedPolicy.Adapted;
        String start = Sha256.hex(
                        digest + saved.network().graph().getConfiguration().toJson())
                .substring(0, NAME_DIGITS);
        String name = adapted ? "adapter-" + start : "network-" + start + ".zip";
        PolicyRecord record = new PolicyRecord(
                saved.environment(),
                name,
                digest,
                saved.shape(),
                kinds.write(policy.distribution()),
                free(policy),
                kinds.write(policy.encoder()));
        Files.createDirectories(directory);
        if (saved.network() instanceof SavedPolicy.Adapted adapter) {
            adapter.model().save(directory.resolve(name));
        } else {
            writeGraph(directory.resolve(name), saved.network().graph());
        }
        try (AtomicFile file = AtomicFile.create(directory.resolve(RECORD))) {
            file.stream().write(record.bytes());
            file.commit();
        }
        removeOthers(directory, name);
    }

    private static double[] free(Policy policy) {
        double[] theta = policy.parameters();
        double[] free = new double[policy.distribution().freeParameters()];
        System.arraycopy(theta, theta.length - free.length, free, 0, free.length);
        return free;
    }

    private static void writeGraph(Path path, ComputationGraph graph) throws IOException {
        try (AtomicFile file = AtomicFile.create(path)) {
            ModelSerializer.writeModel(graph, file.stream(), false);
            file.commit();
        }
    }

    /** Networks of older records. */
    private static void removeOthers(Path directory, String name) throws IOException {
        List<Path> others;
        try (Stream<Path> entries = Files.list(directory)) {
            others = entries.filter(entry -> isNetwork(entry) && !entry.endsWith(name))
                    .toList();
        }
        for (Path other : others) {
            Folders.delete(other);
        }
    }

    private static boolean isNetwork(Path entry) {
        return PolicyRecord.NETWORK.matcher(String.valueOf(entry.getFileName())).matches();
    }

    /** Reads a policy of {@linkplain PolicyKinds#STANDARD known kinds} with a graph of its own. */
    public static SavedPolicy read(Path directory) throws IOException {
        return read(directory, PolicyKinds.STANDARD);
    }

    /**
     * Reads a policy with a graph of its own.
     *
     * @param kinds that its distribution and encoder may be of
     * @throws PolicyFormatException if there is none, or something is wrong with it
     * @throws IOException if it cannot be read
     */
    public static SavedPolicy read(Path directory, PolicyKinds kinds) throws IOException {
        PolicyRecord record = PolicyRecord.read(directory.resolve(RECORD));
        if (record.adapted()) {
            throw new PolicyFormatException(
                    directory.resolve(RECORD), "the policy's network is an adapter, which needs its base");
        }
        Head head = Head.of(directory, record, kinds);
        return assembled(
                directory, record, head, new SavedPolicy.Plain(NetworkZip.read(directory.resolve(record.network()))));
    }

    /** Reads a policy of {@linkplain PolicyKinds#STANDARD known kinds} with an adapter of {@code base} as its network. */
    public static SavedPolicy read(Path directory, BaseModel base) throws IOException {
        return read(directory, base, PolicyKinds.STANDARD);
    }

    /**
     * Reads a policy with an adapter as its network.
     *
     * @param base the base that it was trained on
     * @param kinds that its distribution and encoder may be of
     * @throws PolicyFormatException if there is none, something is wrong with it, or its base is another
     * @throws IOException if it cannot be read
     */
    public static SavedPolicy read(Path directory, BaseModel base, PolicyKinds kinds) throws IOException {
        PolicyRecord record = PolicyRecord.read(directory.resolve(RECORD));
        if (!record.adapted()) {
            throw new PolicyFormatException(
                    directory.resolve(RECORD), "the policy's network is a whole graph, not an adapter");
        }
        Head head = Head.of(directory, record, kinds);
        Path adapter = directory.resolve(record.network());
        try {
            FineTuneConfiguration training = new FineTuneConfiguration.Builder().build();
            return assembled(
                    directory, record, head, new SavedPolicy.Adapted(AdaptedModel.load(base, adapter, training)));
        } catch (IllegalArgumentException e) {
            throw new PolicyFormatException(adapter, String.valueOf(e.getMessage()), e);
        }
    }

    /** What depends on the network, and what precedes it. */
    private record Head(ActionDistribution distribution, ObservationEncoder encoder) {

        static Head of(Path directory, PolicyRecord record, PolicyKinds kinds) throws PolicyFormatException {
            try {
                ActionDistribution distribution = kinds.distribution(record.distribution());
                if (record.free().length != distribution.freeParameters()) {
                    throw new IllegalArgumentException("free must have " + distribution.freeParameters()
                            + " numbers for " + distribution + ", got " + record.free().length);
                }
                return new Head(distribution, kinds.encoder(record.encoder()));
            } catch (JsonProcessingException | IllegalArgumentException e) {
                throw PolicyRecord.refused(directory.resolve(RECORD), e);
            }
        }
    }

    private static SavedPolicy assembled(Path directory, PolicyRecord record, Head head, SavedPolicy.Network network)
            throws PolicyFormatException {
        try {
            Approximator approximator = Approximators.of(network.graph(), record.input());
            double[] parameters = approximator.parameters();
            if (!GraphParameters.digest(parameters).equals(record.parameters())) {
                throw new IllegalArgumentException(
                        "the network's parameters must have the digest " + record.parameters() + ", got "
                                + GraphParameters.digest(parameters) + ": a file was exchanged or damaged");
            }
            PassRules.requireFinite(parameters);
            Policy policy = new Policy(approximator, head.distribution(), head.encoder());
            double[] theta = new double[policy.dimension()];
            System.arraycopy(parameters, 0, theta, 0, parameters.length);
            System.arraycopy(record.free(), 0, theta, parameters.length, record.free().length);
            policy.setParameters(theta);
            return new SavedPolicy(policy, network, record.environment());
        } catch (IllegalArgumentException e) {
            throw new PolicyFormatException(directory.resolve(RECORD), String.valueOf(e.getMessage()), e);
        }
    }
}
