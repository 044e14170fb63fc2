/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.data.BadInputException;
import org.amend4j.model.BaseModel;
import org.amend4j.policy.PolicyFile;
import org.amend4j.policy.SavedPolicy;

/** Policies from folders the user names; what is wrong with them is bad input. */
public final class SavedPolicies {

    private SavedPolicies() {}

    /** A policy with a network of its own. */
    static SavedPolicy open(Path folder) {
        return open(folder, Optional.empty());
    }

    /**
     * A policy.
     *
     * @param base folder of the policy that an adapter was trained on; needed for adapters
     */
    public static SavedPolicy open(Path folder, Optional<Path> base) {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException("there is no policy directory " + folder);
        }
        try {
            return base.isPresent()
                    ? PolicyFile.read(
                            folder, BaseModel.of(open(base.get()).network().graph()))
                    : PolicyFile.read(folder);
        } catch (IOException | IllegalArgumentException bad) {
            throw new BadInputException(String.valueOf(bad.getMessage()), bad);
        }
    }
}
