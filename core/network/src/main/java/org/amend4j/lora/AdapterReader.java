/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.amend4j.safetensors.DType;
import org.amend4j.safetensors.Printable;
import org.amend4j.safetensors.SafetensorsFile;
import org.amend4j.safetensors.TensorInfo;
import org.nd4j.linalg.api.ndarray.INDArray;

/** Reads an adapter that amend4j wrote: checks everything that can be checked before it makes the first array. */
final class AdapterReader {
    private final SafetensorsFile file;
    private final Path path;

    AdapterReader(SafetensorsFile file) {
        this.file = file;
        this.path = file.path();
    }

    AdapterContent read(JsonFields peft) throws IOException {
        requireVersion();
        try {
            Blueprint blueprint = blueprint();
            List<StoredTensor> tensors = blueprint.tensors();
            requireTensors(path, tensors, file.tensors());
            requireEqual("amend4j.config", blueprint.configText());
            requireEqual("amend4j.keys", blueprint.keysText());
            if (!recorded(AdapterDigest.KEY).equals(AdapterDigest.of(file))) {
                throw broken("its content does not have the recorded digest, it was damaged or edited");
            }
            AdapterContent content = content(blueprint);
            PeftConfig.requireAgreement(peft, content);
            requirePeft(content);
            return content;
        } catch (IllegalArgumentException e) {
            throw new AdapterFormatException(path, String.valueOf(e.getMessage()), e);
        }
    }

    /**
     * Every expected tensor once, of a type that fits, in its shape, and no other.
     *
     * @throws AdapterFormatException naming the first tensor that breaks the rule
     */
    static void requireTensors(Path path, List<StoredTensor> expected, Map<String, TensorInfo> found)
            throws AdapterFormatException {
        Set<String> keys = new HashSet<>();
        for (StoredTensor tensor : expected) {
            String quoted = Printable.quoted(tensor.key());
            if (!keys.add(tensor.key())) {
                throw new AdapterFormatException(path, "two arrays claim the tensor " + quoted);
            }
            TensorInfo info = found.get(tensor.key());
            if (info == null) {
                throw new AdapterFormatException(path, "the tensor " + quoted + " is missing");
            }
            if (!info.shape().equals(tensor.fileShape())) {
                throw new AdapterFormatException(
                        path,
                        "the tensor " + quoted + " must have the shape " + tensor.fileShape() + ", got "
                                + info.shape());
            }
            boolean count = tensor.layout() == StoredTensor.Layout.BATCH_COUNT;
            if (count ? info.dtype() != DType.I64 : !info.dtype().fitsDouble()) {
                throw new AdapterFormatException(
                        path, "the tensor " + quoted + " must not have the dtype " + info.dtype());
            }
        }
        for (String key : found.keySet()) {
            if (!keys.contains(key)) {
                throw new AdapterFormatException(path, "the tensor " + Printable.quoted(key) + " is unexpected");
            }
        }
    }

    private Blueprint blueprint() throws AdapterFormatException {
        return Blueprint.parse(path, recorded("amend4j.config"));
    }

    private AdapterContent content(Blueprint blueprint) throws IOException {
        List<LayerFactors> factors = new ArrayList<>();
        for (Blueprint.Adapter adapter : blueprint.adapters()) {
            List<StoredTensor> tensors = adapter.tensors();
            INDArray a = TensorCodec.decode(tensors.get(0), file);
            INDArray b = TensorCodec.decode(tensors.get(1), file);
            factors.add(new LayerFactors(
                    adapter.spec().target(), adapter.layout(), adapter.spec(), adapter.peftExact(), a, b));
        }
        List<FullLayer> fullLayers = new ArrayList<>();
        for (Blueprint.Full layer : blueprint.fullLayers()) {
            fullLayers.add(new FullLayer(layer.vertex(), layer.kind(), parameters(layer.tensors())));
        }
        Map<String, String> layers = StrictJson.object(path, "amend4j.base.layers", recorded("amend4j.base.layers"))
                .textMap();
        return new AdapterContent(blueprint.config(), recorded("amend4j.base.sha256"), layers, factors, fullLayers);
    }

    private Map<String, INDArray> parameters(List<StoredTensor> tensors) throws IOException {
        Map<String, INDArray> parameters = new TreeMap<>();
        for (StoredTensor tensor : tensors) {
            if (!tensor.layout().isDerived()) {
                parameters.put(tensor.parameter(), TensorCodec.decode(tensor, file));
            }
        }
        return parameters;
    }

    private void requireVersion() throws AdapterFormatException {
        if (!file.metadata().containsKey("amend4j.version")) {
            throw broken(
                    "it was not written by amend4j, so the vertex of each of its modules must be given: a ModuleMap does, on the"
                            + " command line lora import");
        }
        String version = recorded("amend4j.version");
        if (!version.equals(AdapterFile.VERSION)) {
            throw broken("it has the unknown version " + Printable.quoted(version) + ", this release reads version "
                    + AdapterFile.VERSION);
        }
    }

    /** The first releases took layers trained in full alone for something that PEFT loads. */
    private void requirePeft(AdapterContent content) throws AdapterFormatException {
        boolean headsOnly = content.factors().isEmpty();
        if (!headsOnly || !Set.of("exact", "partial").contains(recorded("amend4j.peft"))) {
            requireEqual("amend4j.peft", AdapterFile.peft(content));
        }
    }

    private void requireEqual(String key, String expected) throws AdapterFormatException {
        if (!recorded(key).equals(expected)) {
            throw broken("the metadata " + key + " must be what amend4j writes for this adapter");
        }
    }

    private String recorded(String key) throws AdapterFormatException {
        String value = file.metadata().get(key);
        if (value == null) {
            throw broken("the metadata " + key + " is missing");
        }
        return value;
    }

    private AdapterFormatException broken(String rule) {
        return new AdapterFormatException(path, rule);
    }
}
