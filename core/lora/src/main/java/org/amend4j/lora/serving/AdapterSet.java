/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.amend4j.internal.lora.FittedAdapter;
import org.amend4j.internal.lora.SharedGraph;
import org.amend4j.internal.lora.SharedGraph.Scaled;
import org.amend4j.internal.lora.SharedGraph.Use;
import org.amend4j.internal.lora.layer.RegroupedRowsException;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.AdaptedModel;
import org.amend4j.lora.AdapterScope;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.model.BaseModel;
import org.deeplearning4j.nn.graph.ComputationGraph;
import org.deeplearning4j.nn.transferlearning.FineTuneConfiguration;
import org.jspecify.annotations.Nullable;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.dataset.api.MultiDataSet;
import org.nd4j.linalg.factory.Nd4j;

/**
 * Named adapters of one base, for inference with any of them, several at once, or different ones for the rows of one batch. The base's
 * weights are shared and never change, and none of its bytes are copied for layers that are products (dense, convolution, output);
 * for others that an adapter changes there is one copy, whatever the number of adapters.
 *
 * <p>What an operation refuses changes nothing. At first no adapter is active: the set computes what the base computes. A single
 * active adapter at scale 1 computes bit for bit what it computes when loaded alone with {@link AdaptedModel#load}. (Not an embedding with an
 * adapter, whose table a set changes: it rounds otherwise. If another one of
 * the set has trained a batch norm in full, that layer is Deeplearning4j's for all of them, which rounds otherwise than the library's.)
 *
 * <p>Layers that an adapter has trained in full come with it: there is a copy per adapter, and two active adapters may not both change
 * such a layer. An adapter with DoRA, trained biases or a bias on B is active alone. {@link #model} gives an adapter to be trained, {@link #replace} puts the result in its place.
 *
 * <p>Not thread-safe; an {@link AdapterServer} is.
 */
public final class AdapterSet {

    /** The name, among those of a batch's rows, of the base without adapters; PEFT calls it the same. */
    public static final String BASE = "__base__";

    private final BaseModel base;
    private final Map<String, Member> members = new LinkedHashMap<>();
    private List<String> active = List.of();
    private int disabledScopes;
    private @Nullable SharedGraph graph;
    private boolean regrouped;

    /** A set without adapters. */
    public AdapterSet(BaseModel base) {
        this.base = Checks.present("the base", base);
    }

    /**
     * Loads the adapters of a directory as PEFT lays them out: the one called {@code default} in the directory itself, each other one in
     * a sub-directory of its name. None is active.
     *
     * @throws IOException if there are none, or one cannot be read
     * @throws IllegalArgumentException if one does not fit the base
     */
    public static AdapterSet load(BaseModel base, Path directory) throws IOException {
        AdapterSet set = new AdapterSet(base);
        for (Map.Entry<String, AdapterContent> entry :
                AdapterFolder.read(directory).entrySet()) {
            set.add(entry.getKey(), entry.getValue());
        }
        return set;
    }

    /**
     * Saves every adapter so that {@link #load} and PEFT find it. What is active is not saved, nor are scales. Adapters in the directory
     * that the set does not have are left alone.
     *
     * @throws IOException if they cannot be written
     */
    public void save(Path directory) throws IOException {
        for (Map.Entry<String, Member> entry : members.entrySet()) {
            AdapterFolder.write(
                    directory, entry.getKey(), entry.getValue().adapter().content());
        }
    }

    /** The frozen model underneath. */
    public BaseModel base() {
        return base;
    }

    /**
     * Adds an adapter, which does not become active. Its arrays are copied.
     *
     * @param name new; one that can name a directory
     * @throws IllegalArgumentException if there is one of this name, or it does not fit the base
     */
    public void add(String name, AdapterContent content) {
        AdapterFolder.requireName(name);
        if (members.containsKey(name)) {
            throw new IllegalArgumentException(
                    "there is an adapter called '" + name + "' already: replace or delete it");
        }
        members.keySet().stream().filter(name::equalsIgnoreCase).findFirst().ifPresent(other -> {
            throw new IllegalArgumentException("adapters must have names that differ in more than case, since they name"
                    + " directories, got '" + name + "' beside '" + other + "'");
        });
        add(name, FittedAdapter.of(base, content));
    }

    /** Adds one that fits, under a new name. */
    void add(String name, FittedAdapter adapter) {
        members.put(name, new Member(adapter, 1));
    }

    /** Adds what a model has been trained to, as {@link #add(String, AdapterContent)}. */
    public void add(String name, AdaptedModel model) {
        add(name, model.content());
    }

    /**
     * Puts another adapter in the place of one, of any rank and on any layers. It is active if that was, with its scale.
     *
     * @throws IllegalArgumentException if there is none of this name, or the other does not fit the base or the active ones
     */
    public void replace(String name, AdapterContent content) {
        Member old = require(name);
        Member other = new Member(FittedAdapter.of(base, content), old.scale());
        if (active.contains(name)) {
            Map<String, Member> together = new LinkedHashMap<>();
            active.forEach(one -> together.put(one, one.equals(name) ? other : require(one)));
            requireTogether(together);
        }
        members.put(name, other);
    }

    /**
     * Deletes an adapter. If it was active, the others that were stay so, and no other becomes active.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public void delete(String name) {
        require(name);
        active = active.stream().filter(other -> !other.equals(name)).toList();
        members.remove(name);
        SharedGraph with = graph;
        if (with != null) {
            with.use(List.of(new Use(0, List.of()))); // so that it holds no arrays of it
        }
    }

    /**
     * Makes these adapters active and no others. What they add to weights adds up.
     *
     * @param names distinct; none for the base
     * @throws IllegalArgumentException if there is none of a name, or two of them change a layer that one has trained in full,
     *     or one of several has DoRA, trained biases or a bias on B
     */
    public void activate(String... names) {
        List<String> wanted = Checks.names("active adapters", List.of(names));
        Map<String, Member> together = new LinkedHashMap<>();
        wanted.forEach(name -> together.put(name, require(name)));
        requireTogether(together);
        active = wanted;
    }

    private static void requireTogether(Map<String, Member> together) {
        if (together.size() > 1) {
            together.forEach((name, member) -> member.adapter().besideFactors().ifPresent(what -> {
                throw new IllegalArgumentException(
                        "an adapter with more than factors must be the only active one, got '" + name + "' with " + what
                                + " among " + Checks.listed(List.copyOf(together.keySet())));
            }));
        }
        Map<String, String> owners = new LinkedHashMap<>();
        together.forEach((name, member) -> member.adapter().trained().forEach(layer -> {
            String other = owners.putIfAbsent(layer, name);
            if (other != null) {
                throw new IllegalArgumentException("the layer '" + layer + "' is trained in full by '" + other
                        + "' and by '" + name + "': only one of them can be active");
            }
        }));
        together.forEach((name, member) -> member.adapter().vertices().forEach(layer -> {
            String owner = owners.getOrDefault(layer, name);
            if (!owner.equals(name)) {
                throw new IllegalArgumentException("the layer '" + layer + "' is trained in full by '" + owner
                        + "' and adapted by '" + name + "': only one of them can be active");
            }
        }));
    }

    /** Names of the adapters, in the order in which they were added. */
    public List<String> names() {
        return List.copyOf(members.keySet());
    }

    /** Names of the active adapters, in the order in which they add; also while the set is disabled. */
    public List<String> active() {
        return active;
    }

    /** The adapters as they are now. */
    public List<AdapterStatus> status() {
        List<AdapterStatus> all = new ArrayList<>();
        members.forEach((name, member) -> all.add(member.status(name, active.contains(name))));
        return all;
    }

    /**
     * An adapter's arrays and configuration, which are the set's own: they must only be read. The scale is not in them.
     *
     * @throws IllegalArgumentException if there is none of this name
     */
    public AdapterContent content(String name) {
        return require(name).adapter().content();
    }

    /**
     * An adapter to be trained, independent of the set.
     *
     * @param training updater and so on
     * @throws IllegalArgumentException if there is none of this name
     */
    public AdaptedModel model(String name, FineTuneConfiguration training) {
        return AdaptedModel.load(base, content(name), training);
    }

    /** The factor on what an adapter adds to weights; 1 unless it was set. */
    public double scale(String name) {
        return require(name).scale();
    }

    /**
     * Sets the factor on what an adapter adds to weights, beside its own scaling. Layers trained in full and trained biases are not
     * scaled; a magnitude of DoRA's is that of the scaled sum.
     *
     * @param scale finite; 0 switches the adapter's changes of weights off
     */
    public void setScale(String name, double scale) {
        Member member = require(name);
        members.put(name, new Member(member.adapter(), Checks.finite("the scale of '" + name + "'", scale)));
    }

    /** As {@link #setScale}, until the scope is closed. */
    public AdapterScope scaled(String name, double scale) {
        double before = scale(name);
        setScale(name, scale);
        return new AdapterScope(() -> {
            if (members.containsKey(name)) {
                setScale(name, before);
            }
        });
    }

    /** Makes the set compute what the base computes until the scope is closed; scopes nest. Names given for rows still count. */
    public AdapterScope disable() {
        disabledScopes++;
        return new AdapterScope(() -> disabledScopes--);
    }

    /** Whether the active adapters are used. */
    public boolean isEnabled() {
        return disabledScopes == 0;
    }

    /**
     * The first output of the network for a batch, with the active adapters.
     *
     * @param features of the only input, [batch, ...]
     */
    public INDArray output(INDArray features) {
        return output(Batch.of(features), activeAdapters())[0];
    }

    /** All outputs, with the active adapters; labels are ignored, the features' masks are used. */
    public INDArray[] output(MultiDataSet batch) {
        return output(Batch.of(batch), activeAdapters());
    }

    /**
     * The first output of the network for a batch whose examples use different adapters, whatever is active. The large products are made
     * once for all rows, the low-rank ones for the rows of each adapter. Where an adapter changes another kind of layer than dense,
     * convolution and output, the whole network runs once for every adapter instead.
     *
     * @param features of the only input, [batch, ...]
     * @param names of each example's adapter, or {@link #BASE}
     * @throws IllegalArgumentException if there is not one name for each example, or no such adapter
     */
    public INDArray output(INDArray features, List<String> names) {
        return mixed(Batch.of(features), names)[0];
    }

    /** As {@link #output(INDArray, List)}: all outputs; labels are ignored, the features' masks are used. */
    public INDArray[] output(MultiDataSet batch, List<String> names) {
        return mixed(Batch.of(batch), names);
    }

    private Member require(String name) {
        Member member = members.get(name);
        if (member == null) {
            throw new IllegalArgumentException(
                    "there is no adapter called '" + name + "'; there are " + Checks.listed(names()));
        }
        return member;
    }

    private List<Scaled> activeAdapters() {
        return isEnabled()
                ? active.stream().map(this::require).map(Member::scaled).toList()
                : List.of();
    }

    private INDArray[] output(Batch batch, List<Scaled> adapters) {
        return run(batch, List.of(new Use(1, adapters))); // for whole batches of any size
    }

    private INDArray[] mixed(Batch batch, List<String> names) {
        if (names.size() != batch.examples()) {
            throw new IllegalArgumentException("there must be one name for each example of the batch, got "
                    + names.size() + " for " + batch.examples());
        }
        RowGroups groups = new RowGroups(names);
        List<Use> uses = new ArrayList<>();
        groups.sizes()
                .forEach((name, size) -> uses.add(new Use(
                        size,
                        name.equals(BASE) ? List.of() : List.of(require(name).scaled()))));
        INDArray[] outputs = run(batch.map(groups::gathered), uses);
        for (int i = 0; i < outputs.length; i++) {
            requireRowsOfExamples(outputs[i], batch.examples());
            outputs[i] = groups.restored(outputs[i]);
        }
        return outputs;
    }

    private static void requireRowsOfExamples(INDArray output, long examples) {
        if (output.size(0) != examples) {
            throw new IllegalArgumentException(
                    "the examples of a batch are told apart by the rows of the output, but the"
                            + " network's has " + output.size(0) + " for " + examples
                            + ": activate one adapter and compute whole batches with it");
        }
    }

    private INDArray[] run(Batch batch, List<Use> uses) {
        SharedGraph with = graphFor(uses);
        if (uses.size() > 1 && (regrouped || !with.canMix(uses))) {
            return oneByOne(with, batch, uses);
        }
        with.use(uses);
        try {
            return forward(with.graph(), batch);
        } catch (RegroupedRowsException e) {
            regrouped = true;
            return oneByOne(with, batch, uses);
        }
    }

    private static INDArray[] oneByOne(SharedGraph with, Batch batch, List<Use> uses) {
        List<INDArray[]> parts = new ArrayList<>();
        long from = 0;
        for (Use use : uses) {
            with.use(List.of(use));
            parts.add(forward(with.graph(), batch.interval(from, use.examples())));
            from += use.examples();
        }
        INDArray[] outputs = new INDArray[parts.get(0).length];
        for (int i = 0; i < outputs.length; i++) {
            int output = i;
            outputs[i] = Nd4j.concat(0, parts.stream().map(part -> part[output]).toArray(INDArray[]::new));
        }
        return outputs;
    }

    private static INDArray[] forward(ComputationGraph graph, Batch batch) {
        return graph.output(false, batch.features(), batch.masks(), null);
    }

    /** The graph, built when first used, and again when an adapter changes a layer that it only shares with the base. */
    private SharedGraph graphFor(List<Use> uses) {
        SharedGraph known = graph;
        Collection<FittedAdapter> used = uses.stream()
                .flatMap(use -> use.adapters().stream())
                .map(Scaled::adapter)
                .toList();
        if (known == null || !used.stream().allMatch(known::has)) {
            Set<String> copied = new LinkedHashSet<>();
            members.values().stream()
                    .flatMap(member -> member.adapter().vertices().stream())
                    .filter(name -> SharedGraph.isCopied(base, name))
                    .forEach(copied::add);
            known = new SharedGraph(base, Collections.unmodifiableSet(copied));
            graph = known;
        }
        return known;
    }
}
