/* SPDX-License-Identifier: Apache-2.0 */
package org.amend4j.lora;

import org.amend4j.internal.validation.Checks;
import org.amend4j.lora.config.LoraConfig;

/**
 * How the caller names the settings of a {@link LoraConfig}, so that messages use the terms of their reader:
 * methods in a program, options on a command line.
 *
 * @param rank of all adapters
 * @param rankPattern of single layers' ranks
 * @param alphaPattern of single layers' alphas
 * @param targets of the layers that get an adapter
 * @param noTargets of the request for no adapter at all
 * @param exclusions of the layers that get none
 * @param trainedInFull of the layers trained as they are
 */
public record SettingNames(
        String rank,
        String rankPattern,
        String alphaPattern,
        String targets,
        String noTargets,
        String exclusions,
        String trainedInFull) {

    /** The words of this library's own methods. */
    public static final SettingNames METHODS = new SettingNames(
            "rank",
            "withRankPattern",
            "withAlphaPattern",
            "withTargets",
            "withTargets()",
            "withExclusions",
            "withTrainedInFull");

    /** @throws IllegalArgumentException if a name is empty */
    public SettingNames {
        Checks.name("the name of the rank", rank);
        Checks.name("the name of rank patterns", rankPattern);
        Checks.name("the name of alpha patterns", alphaPattern);
        Checks.name("the name of targets", targets);
        Checks.name("the name of no targets", noTargets);
        Checks.name("the name of exclusions", exclusions);
        Checks.name("the name of layers trained in full", trainedInFull);
    }
}
