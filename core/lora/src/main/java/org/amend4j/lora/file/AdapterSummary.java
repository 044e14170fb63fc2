/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.file;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.amend4j.lora.config.LoraConfig;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.TensorInfo;

/**
 * The contents of an adapter's directory in PEFT's layout, whoever wrote it, read without a base and without the tensors' values.
 *
 * @param ours whether amend4j wrote it
 * @param peftVersion the PEFT that wrote it, if it says so
 * @param rank the rank of modules without one of their own
 * @param alpha the alpha of modules without one of their own
 * @param rsLora whether the scaling is alpha/sqrt(rank)
 * @param init PEFT's name of the initialisation
 * @param modules the modules with tensors, in the order of their names
 * @param obstacles why it cannot be loaded, a sentence each; empty if it can be loaded onto a matching base
 */
public record AdapterSummary(
        boolean ours,
        Optional<String> peftVersion,
        int rank,
        double alpha,
        boolean rsLora,
        String init,
        List<Module> modules,
        List<String> obstacles) {

    /**
     * One module.
     *
     * @param name PyTorch's name
     * @param adapted whether it has factors; if not, and no tokens, it was trained in full
     * @param rank rank of the factors; 0 without
     * @param scaling factor on their product; 0 without
     * @param parameters number of values in its tensors
     * @param tokens of an embedding that were trained; empty if it was adapted or trained in full
     */
    public record Module(
            String name, boolean adapted, int rank, double scaling, long parameters, List<Integer> tokens) {

        public Module {
            tokens = List.copyOf(tokens);
        }

        private static Module ofTokens(String name, List<Integer> tokens, long parameters) {
            return new Module(name, false, 0, 0, parameters, tokens);
        }
    }

    public AdapterSummary {
        modules = List.copyOf(modules);
        obstacles = List.copyOf(obstacles);
    }

    /**
     * Reads the configuration and the tensors' names and shapes.
     *
     * @throws AdapterFormatException if it is no LoRA adapter, or its configuration breaks a rule of its types
     * @throws IOException if the files are missing or damaged
     */
    public static AdapterSummary read(Path directory) throws IOException {
        try (AdapterTensors file = AdapterTensors.open(directory)) {
            JsonFields peft = PeftConfig.parse(directory.resolve(AdapterFile.CONFIG));
            return of(file, peft);
        } catch (IllegalArgumentException broken) {
            throw new AdapterFormatException(
                    directory.resolve(AdapterFile.CONFIG), String.valueOf(broken.getMessage()), broken);
        }
    }

    private static AdapterSummary of(AdapterTensors file, JsonFields peft) throws AdapterFormatException {
        ForeignScaling scaling = new ForeignScaling(peft);
        ForeignModules found = ForeignModules.of(file);
        List<String> obstacles = new ArrayList<>(PeftKeys.obstacles(peft));
        found.incomplete(peft).ifPresent(obstacles::add);
        List<Module> modules = new ArrayList<>();
        for (String name : found.names()) {
            Map<String, TensorInfo> tensors = found.tensors().getOrDefault(name, Map.of());
            Module module = tensors.keySet().equals(Set.of(StoredTensor.TOKENS))
                    ? Module.ofTokens(name, new ForeignTokens(peft).of(name), parameters(tensors))
                    : module(name, tensors, scaling);
            modules.add(module);
            found.unexpected(name, scaling.config().scheme()).ifPresent(obstacles::add);
            if (module.rank() != rank(tensors)) {
                obstacles.add("the factors of " + Printable.quoted(name) + " have the rank " + rank(tensors)
                        + ", the configuration says " + module.rank());
            }
        }
        LoraConfig general = scaling.config();
        return new AdapterSummary(
                file.isOurs(),
                peft.has("peft_version") ? Optional.of(peft.text("peft_version")) : Optional.empty(),
                general.rank(),
                general.alpha(),
                general.rsLora(),
                PeftKeys.value(peft, PeftInit.KEY).asText(),
                modules,
                obstacles);
    }

    private static Module module(String name, Map<String, TensorInfo> tensors, ForeignScaling scaling)
            throws AdapterFormatException {
        long parameters = parameters(tensors);
        if (rank(tensors) == 0) {
            return new Module(name, false, 0, 0, parameters, List.of());
        }
        int rank = scaling.rank(name);
        return new Module(name, true, rank, scaling.config().scaling(rank, scaling.alpha(name)), parameters, List.of());
    }

    private static long parameters(Map<String, TensorInfo> tensors) {
        return tensors.values().stream().mapToLong(TensorInfo::elements).sum();
    }

    /** The first size of A; 0 without one. */
    private static long rank(Map<String, TensorInfo> tensors) {
        for (String suffix : List.of(ForeignModules.FACTOR_A, ForeignModules.EMBEDDING_A)) {
            TensorInfo a = tensors.get(suffix);
            if (a != null && !a.shape().isEmpty()) {
                return a.shape().get(0);
            }
        }
        return 0;
    }
}
