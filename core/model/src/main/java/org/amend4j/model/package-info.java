/* SPDX-License-Identifier: Apache-2.0 */
/** The immutable base model and its fingerprint; the clip of rows to a ball; what users meet of refused networks. */
@NullMarked
package org.amend4j.model;

import org.jspecify.annotations.NullMarked;
