/** A service for a model that forgets on request: its folder, the order of its writes to the disk, its releases. */
@NullMarked
package org.amend4j.service;

import org.jspecify.annotations.NullMarked;
