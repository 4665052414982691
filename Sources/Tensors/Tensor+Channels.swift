extension Tensor {
  /// Returns a range of channels: `[…, channel]` → `[…, channels.count]`.
  public func channels(_ channels: Range<Int>) -> Tensor {
    let all = shape.channels
    precondition(channels.lowerBound >= 0 && channels.upperBound <= all)
    let blocks = evenParts(shape.positions, length: 4096)
    let result = Tensor(Shape(shape.dims.dropLast() + [channels.count])) { buffer in
      let output = SharedOutput(buffer)
      parallel(blocks.count) { index in
        scalars.withUnsafeBufferPointer { x in
          for position in blocks[index] {
            (output.base + position * channels.count)
              .update(
                from: x.baseAddress! + position * all + channels.lowerBound, count: channels.count)
          }
        }
      }
    }
    return result.recorded(from: [self]) { gradient, _ in
      func zeros(_ count: Int) -> Tensor {
        Tensor(Shape(gradient.shape.dims.dropLast() + [count]))
      }
      return [
        zeros(channels.lowerBound).joined(with: gradient)
          .joined(with: zeros(all - channels.upperBound))
      ]
    }
  }

  /// Concatenates the channels of two tensors: `[…, a]` and `[…, b]` → `[…, a + b]`.
  public func joined(with other: Tensor) -> Tensor {
    let (first, second) = (shape.channels, other.shape.channels)
    precondition(
      shape.dims.dropLast() == other.shape.dims.dropLast(),
      "\(shape) and \(other.shape) cannot be joined")
    let result = Shape(shape.dims.dropLast() + [first + second])
    let blocks = evenParts(shape.positions, length: 4096)
    let joined = Tensor(result) { buffer in
      let output = SharedOutput(buffer)
      parallel(blocks.count) { index in
        scalars.withUnsafeBufferPointer { a in
          other.scalars.withUnsafeBufferPointer { b in
            for position in blocks[index] {
              let y = output.base + position * (first + second)
              y.update(from: a.baseAddress! + position * first, count: first)
              (y + first).update(from: b.baseAddress! + position * second, count: second)
            }
          }
        }
      }
    }
    return joined.recorded(from: [self, other]) { gradient, isWanted in
      [
        isWanted[0] ? gradient.channels(0..<first) : nil,
        isWanted[1] ? gradient.channels(first..<first + second) : nil,
      ]
    }
  }
}
