/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.app.policy;

import java.nio.file.Path;
import java.util.Optional;
import org.amend4j.data.BadInputException;
import org.amend4j.environment.EnvironmentSpec;
import org.amend4j.internal.text.Shown;
import org.amend4j.policy.SavedPolicy;

/**
 * A saved policy and where it acts, as a user names them.
 *
 * @param folder of the policy
 * @param base folder of the policy that it is an adapter of
 * @param environment another one than it was made for
 * @param surroundings where environments come from
 */
public record PolicyAt(Path folder, Optional<Path> base, Optional<String> environment, Surroundings surroundings) {

    /** @throws BadInputException if there is no such policy */
    SavedPolicy open() {
        return SavedPolicies.open(folder, base);
    }

    /** @throws BadInputException if there is no such environment, or only the policy's file asks for a process or a class */
    EnvironmentSpec environmentOf(SavedPolicy saved) {
        if (environment.isEmpty() && !Surroundings.isOurs(saved.environment())) {
            throw new BadInputException(
                    "the policy in " + folder + " acts in " + Shown.quoted(saved.environment())
                            + ", which is code that no file may start: if you trust it, name it with --env (a class with --class-path)");
        }
        return surroundings.spec(environment.orElse(saved.environment()));
    }
}
