/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora.serving;

import java.io.IOException;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.file.AdapterContent;
import org.amend4j.lora.file.AdapterFile;

/** Where an {@link AdapterServer} gets adapters from. */
@FunctionalInterface
public interface AdapterSource {

    /**
     * The adapter of a name. Called by one thread at a time.
     *
     * @throws IOException if there is none, or it cannot be read; the message becomes part of a sentence
     */
    AdapterContent load(String name) throws IOException;

    /** A directory as {@link AdapterSet#save} leaves it. Names that could lead out of it are refused. */
    static AdapterSource of(Path directory) {
        Checks.present("the directory of the adapters", directory);
        return name -> {
            AdapterFolder.requireName(name);
            Path place = AdapterFolder.place(directory, name);
            if (!AdapterFolder.isAdapter(place)) {
                throw new NoSuchFileException(place.toString(), null, "there is no " + AdapterFile.CONFIG);
            }
            return AdapterFile.read(place);
        };
    }
}
